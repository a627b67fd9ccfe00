"""Rules: what is watched, from which value on it is wrong, and for how long before anyone is told."""

from __future__ import annotations

from string import Formatter
from typing import Annotated, Any, Literal, NamedTuple, Self, cast

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from streams.document import TAGS, Flag, Length, Name, Owned, Part, Quantity, Several
from streams.errors import Refused
from streams.matcher import Selector, selector
from streams.policy import Place
from streams.said import Severity

SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")
FUNCTIONS = ("last", "avg", "min", "max", "sum", "count", "rate", "increase")
COUNTERS = frozenset({"rate", "increase"})
FILLABLE = (
    "value",
    "threshold",
    "gateway",
    "upstream",
    "labels",
    "rule",
)  # what a message may ask for in braces
Levels = dict[Severity, Quantity]
_EACH, _ONE = TAGS
Threshold = Annotated[
    Annotated[Levels, Tag(_EACH)] | Annotated[Quantity, Tag(_ONE)],
    Discriminator(lambda value: _EACH if isinstance(value, dict) else _ONE),
]
Label = Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")]


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
    # None: each series by itself; a list: sums over the series that share these labels
    by: Annotated[list[Label] | None, Several] = None
    over: Length = 0
    above: Threshold | None = None
    below: Threshold | None = None
    recover: Threshold | None = None
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
        self._ordered() if self.unreachable is None else self._bare()
        needs = said[0] not in ("last", "unreachable")
        if needs and self.over < 1_000:
            raise ValueError(f"`{said[0]}` needs a window: `over: 5m` (at least 1s)")
        if not needs and self.over:
            raise ValueError(f"`{said[0]}` looks at one value; leave out `over`, or use avg, min or max")
        if self.at_least and self.ratio is None:
            raise ValueError("`at_least` bounds the denominator of a `ratio`; leave it out")
        self.inputs()
        return self

    def _bare(self) -> None:
        said = [name for name in ("above", "below", "recover") if getattr(self, name) is not None]
        if said:
            raise ValueError(f"`unreachable` says by itself what is wrong; leave out `{said[0]}`")

    def _ordered(self) -> None:
        if (self.above is None) == (self.below is None):
            raise ValueError("say exactly one of `above` and `below`")
        limit, sign = (self.above, 1) if self.above is not None else (self.below, -1)
        if isinstance(limit, dict):
            steps = [sign * limit[name] for name in SEVERITIES if name in limit]
            if not steps or steps != sorted(steps):
                raise ValueError("the worse the severity, the further its threshold: info, warning, critical")
        if isinstance(self.recover, dict) and not set(self.recover) <= (
            set(limit) if isinstance(limit, dict) else set()
        ):
            raise ValueError("`recover` by severity needs a threshold of the same severity")
        limits, back, _ = levels(self, "warning")
        if wrong := [name for name, value in limits.items() if sign * back[name] > sign * value]:
            raise ValueError(f"`recover` must not lie beyond the threshold ({wrong[0]})")

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
            return cast(object, body)
        fields = cast(dict[str, Any], body)
        inner = {key: fields[key] for key in fields if key in Condition.model_fields}
        return {key: fields[key] for key in fields if key not in inner} | {"condition": inner}

    @field_validator("message")
    @classmethod
    def _fillable(cls, text: str) -> str:
        names = ", ".join(f"{{{name}}}" for name in FILLABLE)
        try:
            asked = [part[1:] for part in Formatter().parse(text) if part[1] is not None]
        except ValueError as why:
            raise ValueError(f"{why}: {names} are filled in, a brace itself is written twice") from None
        # nothing but plain names: a width in braces could ask for a gigabyte of blanks
        if odd := [
            name for name, layout, conversion in asked if name not in FILLABLE or layout or conversion
        ]:
            raise ValueError(f"only {names} can be filled in, as they stand; not {{{odd[0]}…}}")
        return text

    @classmethod
    def fields(cls) -> list[str]:
        """A rule's own fields and, as in files, those of its condition."""
        return [*super().fields(), *Condition.model_fields]

    def levels(self) -> tuple[Levels, Levels, int]:
        """Thresholds by severity, their recovery thresholds, and the direction (+1 above, −1 below)."""
        return levels(self.condition, self.severity)


def levels(condition: Condition, severity: Severity) -> tuple[Levels, Levels, int]:
    """As `Rule.levels`; `severity` is that of a threshold without one. A tenth back is a recovery, by default."""
    if condition.unreachable:
        return {severity: 1.0}, {severity: 1.0}, -1
    limit, sign = (condition.above, 1) if condition.above is not None else (condition.below, -1)
    limits: Levels = limit if isinstance(limit, dict) else {severity: float(limit or 0.0)}
    back: Levels = {name: value - sign * abs(value) * 0.1 for name, value in limits.items()}
    if isinstance(condition.recover, dict):
        back |= condition.recover
    elif condition.recover is not None:
        back = dict.fromkeys(limits, float(condition.recover))
    return limits, back, sign
