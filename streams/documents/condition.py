"""Conditions: what a rule looks at, and from which value on that is wrong."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Discriminator, Field, Tag, field_serializer, model_validator

from streams.documents import anomaly
from streams.documents.anomaly import LONGEST, RATIO, ROW, SCORE, Anomaly, Kind, Metric
from streams.documents.document import Length, Quantity, Several
from streams.duration import spell
from streams.errors import Refused
from streams.fault import LABEL, TAGS
from streams.limit import NOISE, Limit, as_document, is_percentage
from streams.matcher import Selector, selector
from streams.messages.envelope import Severity

SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")
FUNCTIONS = ("last", "avg", "min", "max", "sum", "count", "rate", "increase")
COUNTERS = frozenset({"rate", "increase"})
FRAME = 1_000  # ms; a window of one frame
CALM = 3  # usual rows in a row that end an anomaly; what comes back sooner is the same one
ADDED = frozenset({"rate", "queue"})  # kinds of which the series of a group add up; of others the mean counts
EXACT = frozenset({"last", "min", "max", "count"})  # they give a number that was sent, or a whole one
Levels = dict[Severity, Limit]
_EACH, _ONE, _ = TAGS
Threshold = Annotated[
    Annotated[Levels, Tag(_EACH)] | Annotated[Limit, Tag(_ONE)],
    Discriminator(lambda value: _EACH if isinstance(value, dict) else _ONE),
]
Label = Annotated[str, Field(pattern=f"^{LABEL}$")]
Labels = Annotated[list[Label], Field(max_length=20)]


class Input(NamedTuple):
    """One metric that a rule reads. `role`: 0 the value or numerator, 1 the denominator."""

    role: int
    function: str
    selector: Selector


class Condition(Anomaly):
    """What is wrong: exactly one of the functions, `ratio`, `anomaly` or `unreachable`."""

    last: Metric | None = None
    avg: Metric | None = None
    min: Metric | None = None
    max: Metric | None = None
    sum: Metric | None = None
    count: Metric | None = None
    rate: Metric | None = None
    increase: Metric | None = None
    ratio: Metric | None = None
    unreachable: Literal["upstream", "gateway"] | None = None
    # None: each series by itself; a list: sums over the series that share these labels
    by: Annotated[Labels | None, Several] = None
    over: Length = 0
    above: Threshold | None = None
    below: Threshold | None = None
    recover: Threshold | None = None
    at_least: Quantity = 0.0
    missing: Literal["keep", "alert", "resolve"] = "keep"
    missed: int = Field(default=3, ge=1, le=1000)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        kinds = (*FUNCTIONS, "ratio", "anomaly", "unreachable")
        said = [name for name in kinds if getattr(self, name) is not None]
        if len(said) != 1:
            named = ", ".join(said) or "none"
            raise ValueError(f"say exactly one of {', '.join(kinds[:-1])} or unreachable, not {named}")
        if self.strangers():
            raise ValueError(f"`{self.strangers()[0]}` belongs to a condition `anomaly`; leave it out")
        self._spanned(said[0])
        scored = self._scored if self.anomaly is not None else self._ordered
        self._bare() if self.unreachable else scored()
        if self.at_least and self.fraction is None:
            raise ValueError("`at_least` bounds the denominator of a `ratio`; leave it out")
        if self.at_least < 0:
            raise ValueError(f"`at_least` is a number of calls, not {self.at_least:g}")
        self._readable(said[0])
        return self

    def _readable(self, said: str) -> None:
        """Whether the metrics can be read; ValueError names the field they stand in."""
        try:
            self.inputs()
        except Refused as why:
            named = "" if f"`{said}`" in str(why) else f"`{said}`: "
            narrow = "/" in (self.anomaly or "").partition("{")[0] and self.fraction is None
            of = "; a ratio has spaces around its stroke" if narrow else ""
            raise ValueError(f"{named}{why}{of}") from None

    def _spanned(self, said: str) -> None:
        """Whether `over` is there where it is needed, and only there."""
        if said == "anomaly":
            if self.over and not 1_000 <= self.over <= LONGEST:
                raise ValueError(f"`over` is what one row of an `anomaly` spans: 1s to {spell(LONGEST)}")
            return
        needs = said not in ("last", "unreachable")
        if needs and self.over < 1_000:
            raise ValueError(f"`{said}` needs a window: `over: 5m` (at least 1s)")
        if not needs and self.over:
            raise ValueError(f"`{said}` looks at one value; leave out `over`, or use avg, min or max")

    def _bare(self) -> None:
        said = [name for name in ("above", "below", "recover") if getattr(self, name) is not None]
        if said:
            raise ValueError(f"`unreachable` says by itself what is wrong; leave out `{said[0]}`")

    def _scored(self) -> None:
        """Thresholds of an anomaly are scores, and it needs none."""
        if self.below is not None:
            raise ValueError("an `anomaly` is judged by its score: leave out `below`, say `direction: down`")
        self._steps(self.above if self.above is not None else SCORE, 1)
        limits, back, _ = levels(self, "warning")
        if wrong := [score for score in (*limits.values(), *back.values()) if not 0 < score < 1]:
            field = "above" if wrong[0] in limits.values() else "recover"
            raise ValueError(
                f"`{field}`: a score lies between 0 and 1, {SCORE} being the usual threshold: not {wrong[0]:g}"
            )
        if self.kind == "counter" and self.fraction is not None:
            raise ValueError(
                "`kind`: a ratio of counters is no counter; leave it out, or say errors or latency"
            )

    def _ordered(self) -> None:
        if (self.above is None) == (self.below is None):
            raise ValueError("say exactly one of `above` and `below`")
        self._steps(*((self.above, 1) if self.above is not None else (self.below, -1)))

    def _steps(self, limit: Levels | float | None, sign: int) -> None:
        """Whether thresholds by severity rise with it, and recovery lies on their good side."""
        if isinstance(limit, dict):
            steps = [sign * limit[name] for name in SEVERITIES if name in limit]
            if not steps or steps != sorted(steps):
                field = "above" if sign > 0 else "below"
                raise ValueError(
                    f"`{field}`: the worse the severity, the further its threshold: info, warning, critical"
                )
        if isinstance(self.recover, dict) and not set(self.recover) <= (
            set(limit) if isinstance(limit, dict) else set()
        ):
            raise ValueError("`recover` by severity needs a threshold of the same severity")
        limits, back, _ = levels(self, "warning")
        if wrong := [name for name, value in limits.items() if sign * back[name] > sign * value]:
            raise ValueError(f"`recover` must not lie beyond the threshold ({wrong[0]})")

    @field_serializer("above", "below", "recover", when_used="json")
    def _as_written(self, limit: Levels | float | None) -> dict[Severity, str | float] | str | float | None:
        def kept(number: float) -> str | float:
            return float(number) if self.anomaly is not None else as_document(number, self.ratio is not None)

        if isinstance(limit, dict):
            return {severity: kept(number) for severity, number in limit.items()}
        return None if limit is None else kept(limit)

    @property
    def noise(self) -> float:
        """How far, relative, a value may lie beside its decimal: what is added up of floats owes that to rounding."""
        function = next((name for name in FUNCTIONS if getattr(self, name) is not None), None)
        summed = function not in EXACT or (function == "last" and self.by is not None)
        return NOISE if summed and (function or self.ratio is not None) else 0.0

    def in_per_cent(self, limit: float | None) -> bool:
        """Whether a threshold, and a value beside it, is shown in per cent: as it was written, else as a share is."""
        share = self.ratio is not None or (self.fraction is not None and self.signal() == "errors")
        return share if limit is None or self.anomaly is not None else is_percentage(limit, share)

    @property
    def fraction(self) -> str | None:
        """`numerator / denominator`, where it looks at a ratio."""
        of = self.anomaly if self.anomaly is not None and " / " in self.anomaly else None
        return self.ratio if self.ratio is not None else of

    @property
    def window(self) -> int:
        """Milliseconds that its windows reach back; 0 where the last value is enough."""
        if self.anomaly is None:
            return self.over
        if self.fraction is not None:
            return self.over or RATIO
        return 0 if self._function() == "last" else FRAME

    @property
    def row(self) -> int:
        """Milliseconds of a series that are one row for its anomaly model."""
        return min(self.over or ROW, ROW) if self.fraction is not None else self.over or ROW

    def signal(self) -> Kind:
        """The kind of signal that an anomaly condition looks at."""
        over, stroke, _ = (self.anomaly or "").partition(" / ")
        name = selector(over).name
        return self.kind or (anomaly.kind_of_ratio(name) if stroke else anomaly.kind_of(name))

    def inputs(self) -> tuple[Input, ...]:
        """The metrics that the condition reads; Refused where a selector cannot be parsed."""
        if self.unreachable:
            return (Input(0, "last", selector(f"{self.unreachable}_up")),)
        if self.fraction is not None:
            over, slash, under = self.fraction.partition(" / ")
            if not slash:
                raise Refused("`ratio` is written `numerator / denominator`, with spaces around the stroke")
            return Input(0, "increase", selector(over)), Input(1, "increase", selector(under))
        if self.anomaly is not None:
            return (Input(0, self._function(), selector(self.anomaly)),)
        name = next(f for f in FUNCTIONS if getattr(self, f) is not None)
        return (Input(0, name, selector(getattr(self, name))),)

    def _function(self) -> str:
        """What an anomaly takes of a frame: a counter's increase, a value, or that of a group."""
        kind = self.signal()
        if kind == "counter":
            return "increase"
        return "last" if self.by is None or kind in ADDED else "avg"


def levels(condition: Condition, severity: Severity) -> tuple[Levels, Levels, int]:
    """As `Rule.levels`; `severity` is that of a threshold without one.

    What no longer breaches is well: a margin is only where `recover` names one. But a score, which nobody measures,
    is noise around its threshold: an anomaly ends a tenth back.
    """
    if condition.unreachable:
        return {severity: 1.0}, {severity: 1.0}, -1
    usual = SCORE if condition.anomaly is not None else None
    above = condition.above if condition.above is not None else usual
    limit, sign = (above, 1) if above is not None else (condition.below, -1)
    limits: Levels = limit if isinstance(limit, dict) else {severity: limit if limit is not None else 0.0}
    margin = 0.1 if condition.anomaly is not None else 0.0
    back: Levels = {
        name: value - sign * abs(value) * margin if margin else value for name, value in limits.items()
    }
    if isinstance(condition.recover, dict):
        back |= condition.recover
    elif condition.recover is not None:
        back = dict.fromkeys(limits, condition.recover)
    return limits, back, sign
