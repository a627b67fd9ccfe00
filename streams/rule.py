"""Rules: what is watched, from which value on it is wrong, and for how long before anyone is told."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import Field, field_validator, model_validator

from streams.document import Flag, Length, Name, Owned, Part, Quantity, Several
from streams.errors import Refused
from streams.matcher import Selector, selector
from streams.policy import Place
from streams.said import Severity

SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")
FUNCTIONS = ("last", "avg", "min", "max", "sum", "count", "rate", "increase")
COUNTERS = frozenset({"rate", "increase"})
Levels = dict[Severity, Quantity]


class Input(NamedTuple):
    """One metric that a rule reads. `role`: 0 the value or numerator, 1 the denominator."""

    role: int
    function: str
    selector: Selector


class Routing(Part):
    """Whom to notify, where the rule says so itself; a policy is named by `escalation_policy`."""

    notify: Annotated[list[Place], Several] = Field(default=[], max_length=20)


class Condition(Part):
    """What is wrong: exactly one of the functions, `ratio` or `unreachable`."""

    last: str | None = None
    avg: str | None = None
    min: str | None = None
    max: str | None = None
    sum: str | None = None
    count: str | None = None
    rate: str | None = None
    increase: str | None = None
    ratio: str | None = None
    unreachable: Literal["upstream", "gateway"] | None = None
    by: Annotated[list[str] | None, Several] = (
        None  # None: each series by itself; a list: sums over the series that share these labels
    )
    over: Length = 0
    above: Levels | Quantity | None = None
    below: Levels | Quantity | None = None
    recover: Levels | Quantity | None = None
    at_least: Quantity = 0.0
    missing: Literal["keep", "alert", "resolve"] = "keep"
    missed: int = Field(default=3, ge=1, le=1000)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        said = [name for name in (*FUNCTIONS, "ratio", "unreachable") if getattr(self, name) is not None]
        if len(said) != 1:
            raise ValueError(
                f"say exactly one of {', '.join(FUNCTIONS)}, ratio or unreachable, not {', '.join(said) or 'none'}"
            )
        if self.unreachable is None and (self.above is None) == (self.below is None):
            raise ValueError("say exactly one of `above` and `below`")
        needs = said[0] not in ("last", "unreachable")
        if needs and self.over < 1_000:
            raise ValueError(f"`{said[0]}` needs a window: `over: 5m` (at least 1s)")
        if said[0] == "last" and self.over:
            raise ValueError("`last` looks at one value; leave out `over`, or use avg, min or max")
        self.inputs()
        return self

    def inputs(self) -> tuple[Input, ...]:
        """The metrics that the condition reads; Refused where a selector cannot be parsed."""
        if self.unreachable:
            return (Input(0, "last", selector(f"{self.unreachable}_up")),)
        if self.ratio is not None:
            over, slash, under = self.ratio.partition(" / ")
            if not slash:
                raise Refused("`ratio` is written `numerator / denominator`, with spaces around the stroke")
            return Input(0, "increase", selector(over)), Input(1, "increase", selector(under))
        name = next(f for f in FUNCTIONS if getattr(self, f) is not None)
        return (Input(0, name, selector(getattr(self, name))),)


class Rule(Owned):
    """An AlertRule: its condition, severity and what it may do to people."""

    type = "rule"
    condition: Condition
    severity: Severity = "warning"
    enabled: Flag = True
    for_: Length = Field(default=120_000, alias="for")
    keep_firing_for: Length = 120_000
    message: str = Field(default="", max_length=500)
    runbook: str = Field(default="", max_length=500)
    routing: Routing = Routing()
    escalation_policy: Name | None = None

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, body: Any) -> Any:
        """In YAML the condition's fields stand beside the rule's own."""
        if not isinstance(body, dict) or "condition" in body:
            return body
        inner = {key: body[key] for key in body if key in Condition.model_fields}
        return {key: body[key] for key in body if key not in inner} | {"condition": inner}

    @field_validator("message")
    @classmethod
    def _fillable(cls, text: str) -> str:
        try:
            text.format_map(
                dict.fromkeys(("value", "gateway", "upstream", "threshold", "labels", "rule"), "")
            )
        except (KeyError, ValueError, IndexError, AttributeError) as why:
            raise ValueError(
                f"only {{value}}, {{threshold}}, {{gateway}}, {{upstream}}, {{labels}} and {{rule}} can be filled in ({why})"
            ) from None
        return text

    @classmethod
    def fields(cls) -> list[str]:
        """A rule's own fields and, as in files, those of its condition."""
        return [*super().fields(), *Condition.model_fields]

    def levels(self) -> tuple[Levels, Levels, int]:
        """Thresholds by severity, their recovery thresholds, and the direction (+1 above, −1 below)."""
        c = self.condition
        if c.unreachable:
            return {self.severity: 1.0}, {self.severity: 1.0}, -1
        limit, sign = (c.above, 1) if c.above is not None else (c.below, -1)
        limits = limit if isinstance(limit, dict) else {self.severity: float(limit or 0.0)}
        if isinstance(c.recover, dict):
            return limits, limits | c.recover, sign
        if c.recover is not None:
            return limits, dict.fromkeys(limits, float(c.recover)), sign
        return limits, {name: value - sign * abs(value) * 0.1 for name, value in limits.items()}, sign
