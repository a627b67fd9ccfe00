"""Rules: what is watched, from which value on it is wrong, and for how long before anyone is told."""

from __future__ import annotations

from functools import cached_property
from string import Formatter
from typing import Annotated, Any, Self, cast

from pydantic import Field, field_validator, model_validator

from streams.documents.conditions.condition import Condition
from streams.documents.conditions.condition_fields import CALM, levels
from streams.documents.conditions.threshold import Band, Levels
from streams.documents.document import PLATFORM, Flag, Length, Name, Owned, Part, Several
from streams.documents.oncall.target import StepTarget
from streams.documents.rule_type import RuleType, rule_type
from streams.messages.envelope import Severity

FILLABLE = (  # what a message may ask for in braces
    "value", "threshold", "band", "score", "gateway", "upstream", "labels", "rule", "event", "detail", "time_left",
    "now", "then",
)  # fmt: skip
SCORED = ("band", "score")  # of these, what only an anomaly rule knows
HAPPENED = ("event", "detail")  # and what only one about events does


def _asked(message: str) -> list[tuple[str | None, str | None, str | None]]:
    """What stands in braces: name, layout and conversion; ValueError where a brace is alone."""
    return [part[1:] for part in Formatter().parse(message) if part[1] is not None]


def _held(fields: dict[str, Any], condition: Any) -> dict[str, Any]:
    """What happened once has happened: an event is not held back, unless its rule says so.

    Nor is what is made of other rules, which have been held back, and last, by themselves.
    """
    body = cast(dict[str, Any], condition) if isinstance(condition, dict) else {}
    if body.get("composite") is not None:
        fields = fields if "keep_firing_for" in fields else {"keep_firing_for": 0} | fields
    elif body.get("event") is None:
        return fields
    return fields if "for_" in fields else {"for": 0} | fields


class Routing(Part):
    """Whom to notify, where the rule says so itself; a policy is named by `escalation_policy`."""

    notify: Annotated[list[StepTarget], Several] = Field(default=[], max_length=20)


class Rule(Owned):
    """An AlertRule: its condition, severity and what it may do to people."""

    type = "rule"
    condition: Condition
    severity: Severity = "warning"
    enabled: Flag = True
    shadow: Flag = False  # its alerts are recorded, and nobody is told
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
        if not isinstance(body, dict):
            return cast(object, body)
        fields = cast(dict[str, Any], body)
        inner = {key: fields[key] for key in fields if key in Condition.model_fields}
        if "condition" in fields:
            if inner:
                raise ValueError(f"leave out `condition`, or put `{next(iter(inner))}` into it")
            return _held(fields, fields["condition"])
        outer = {key: fields[key] for key in fields if key not in inner}
        return _held(outer, inner) | {"condition": inner}

    @field_validator("message")
    @classmethod
    def _fillable(cls, text: str) -> str:
        names = ", ".join(f"{{{name}}}" for name in FILLABLE)
        try:
            asked = _asked(text)
        except ValueError as why:
            raise ValueError(f"{why}: {names} are filled in, a brace itself is written twice") from None
        # nothing but plain names: a width in braces could ask for a gigabyte of blanks
        if odd := [
            name for name, layout, conversion in asked if name not in FILLABLE or layout or conversion
        ]:
            raise ValueError(f"only {names} can be filled in, as they stand; not {{{odd[0]}…}}")
        return text

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        """What the condition says rules out some of what a rule may say besides."""
        limits = getattr(self.condition, self.condition.comparison) if self.condition.comparison else None
        severities = list(cast(dict[str, Any], limits)) if isinstance(limits, dict) else []
        if severities and self.severity not in ("warning", *severities):
            names = ", ".join(severities)
            raise ValueError(f"`severity`: the thresholds are those of {names}: leave it out, or give it one")
        self._fillable_by("anomaly", SCORED)
        if self.condition.composite is None:
            self._fillable_by("event", HAPPENED)
        if self.condition.burn_rate is None:
            self._fillable_by("reaches", ("time_left",))
        self._fillable_by("compared_to", ("now", "then"))
        condition = self.condition
        counted = condition.event is not None and condition.comparison is not None
        if self.for_ and (counted or condition.absent_for):
            field = "over" if counted else "absent_for"
            raise ValueError(f"`for`: `{field}` says already for how long; leave `for` out")
        return self

    @model_validator(mode="after")
    def _recording(self) -> Self:
        """What is recorded may be read by rules of all teams: so only the platform's record."""
        if self.condition.record is not None and self.team != PLATFORM:
            raise ValueError("`record`: only rules of the platform may record; leave it out, or `team`")
        return self

    def _fillable_by(self, kind: str, names: tuple[str, ...]) -> None:
        odd = [name for name, *_ in _asked(self.message) if name in names]
        unset = Condition.model_fields[kind].default
        if odd and getattr(self.condition, kind) == unset:
            raise ValueError(f"`message`: only a condition `{kind}` fills in {{{odd[0]}}}; leave it out")

    @classmethod
    def fields(cls) -> list[str]:
        """A rule's own fields and, as in files, those of its condition."""
        return [*super().fields(), *Condition.model_fields]

    @cached_property
    def rule_type(self) -> RuleType:
        """What kind of rule it is."""
        return rule_type(self.condition)

    def members(self) -> list[str]:
        """The names of the rules of which it is made, sorted; none where it looks at something itself."""
        return sorted(self.condition.expression().names()) if self.condition.composite is not None else []

    @property
    def keep(self) -> int:
        """Milliseconds for which it fires beyond its last breach: an anomaly, while it is still the same."""
        condition = self.condition
        return max(self.keep_firing_for, CALM * condition.row if condition.anomaly is not None else 0)

    def levels(self) -> tuple[Levels, Levels, int]:
        """Thresholds by severity, their recovery thresholds, and the direction (+1 above, −1 below, 0 of bands)."""
        return levels(self.condition, self.severity)

    def bands(self) -> dict[Severity, Band]:
        """The bands by severity, where it compares with some."""
        return self.condition.bands(self.severity)
