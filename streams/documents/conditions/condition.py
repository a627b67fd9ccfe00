"""Conditions: what a rule looks at, and from which value on that is wrong."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from streams.documents.conditions import anomaly
from streams.documents.conditions.anomaly import RATIO, ROW, SCORE, Anomaly, Kind, check_scores
from streams.documents.conditions.compared import ComparedFields
from streams.documents.conditions.composite import CompositeFields
from streams.documents.conditions.condition_input import (
    FUNCTIONS,
    Input,
    SeriesFields,
    check_span,
    of_samples,
    quantile_input,
)
from streams.documents.conditions.event_condition import DISTINCT, EventFields
from streams.documents.conditions.threshold import BANDS, THRESHOLDS, Levels, ThresholdFields
from streams.documents.document import Length, Quantity, Several
from streams.errors import Refused
from streams.limit import NOISE, as_document, is_percentage
from streams.matcher import selector
from streams.messages.envelope import Severity
from streams.text.fault import LABEL

FRAME = 1_000  # ms; a window of one frame
CALM = 3  # usual rows in a row that end an anomaly; what comes back sooner is the same one
ADDED = frozenset({"rate", "queue"})  # kinds of which the series of a group add up; of others the mean counts
# These give a number that was sent, or a whole one.
EXACT = frozenset({"last", "min", "max", "count", "changes"})
Label = Annotated[str, Field(pattern=f"^{LABEL}$")]
Labels = Annotated[list[Label], Field(max_length=20)]


class Condition(SeriesFields, CompositeFields, ComparedFields, ThresholdFields, EventFields, Anomaly):
    """What is wrong: exactly one of the functions, `ratio`, `anomaly`, `event`, `composite` or `unreachable`."""

    unreachable: Literal["upstream", "gateway", "tool"] | None = None
    # None: each series by itself; a list: sums over the series that share these labels
    by: Annotated[Labels | None, Several] = None
    over: Length = 0
    at_least: Quantity = 0.0
    missing: Literal["keep", "alert", "resolve"] = "keep"
    missed: int = Field(default=3, ge=1, le=1000)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        kinds = (*FUNCTIONS, "quantile", "ratio", "anomaly", "event", "composite", "unreachable")
        said = [name for name in kinds if getattr(self, name) is not None]
        if len(said) != 1:
            named = ", ".join(said) or "none"
            raise ValueError(f"say exactly one of {', '.join(kinds[:-1])} or unreachable, not {named}")
        if self.strangers():
            raise ValueError(f"`{self.strangers()[0]}` belongs to a condition `anomaly`; leave it out")
        if self.event is not None:
            self._of_events()
        elif self.composite is not None:
            self._of_rules()
        else:
            self._of_series(said[0])
        return self

    def _of_series(self, said: str) -> None:
        """Whether the fields of a condition of series fit each other."""
        if fields := self.event_fields():
            raise ValueError(f"`{fields[0]}` belongs to a condition `event`; leave it out")
        check_span(said, self.over)
        self.check_compared(said, self.over, self.reaches)
        scored = self._scored if self.anomaly is not None else self._ordered
        self._bare() if self.unreachable else scored()
        if self.by is not None and (said == "stddev" or of_samples(self.quantile)):
            raise ValueError(f"`{said}` looks at each series by itself; leave out `by`")
        if self.at_least and self.fraction is None:
            raise ValueError("`at_least` bounds the denominator of a `ratio`; leave it out")
        if self.at_least < 0:
            raise ValueError(f"`at_least` is a number of calls, not {self.at_least:g}")
        self._readable(said)

    def _of_events(self) -> None:
        """Whether a condition `event` says nothing that is said of series."""
        others = [name for name in THRESHOLDS if name not in ("above", "at_or_above")]
        series = (*others, "recover", "reaches", "at_least", "missing", "missed", "unit")
        if odd := [name for name in series if getattr(self, name) != Condition.model_fields[name].default]:
            raise ValueError(f"`{odd[0]}` is said of series, not of an `event`; leave it out")
        self.check_compared("event", self.over, None)
        self.check_events(self.comparison is not None, self.over)
        if self.comparison is not None:
            self._ordered()
        limits, _, _ = levels(self, "warning")
        if self.distinct is not None and max(limits.values()) >= DISTINCT:
            raise ValueError(f"`{self.comparison}`: at most {DISTINCT} distinct values are counted; say less")

    def _of_rules(self) -> None:
        """Whether a condition `composite` says nothing that is said of series or events."""
        own = {"composite", "by", "missing"}
        if odd := [
            name
            for name, of in Condition.model_fields.items()
            if name not in own and getattr(self, name) != of.default
        ]:
            raise ValueError(f"`{odd[0]}` is said of series or events, not of a `composite`; leave it out")
        self.check_composite()

    def _readable(self, said: str) -> None:
        """Whether the metrics can be read; ValueError names the field they stand in."""
        try:
            self.inputs()
        except Refused as why:
            named = "" if f"`{said}`" in str(why) else f"`{said}`: "
            narrow = "/" in (self.anomaly or "").partition("{")[0] and self.fraction is None
            of = "; a ratio has spaces around its stroke" if narrow else ""
            raise ValueError(f"{named}{why}{of}") from None

    def _bare(self) -> None:
        said = [name for name in (*THRESHOLDS, "recover", "reaches") if getattr(self, name) is not None]
        if said:
            raise ValueError(f"`unreachable` says by itself what is wrong; leave out `{said[0]}`")

    def _scored(self) -> None:
        """Thresholds of an anomaly are scores, and it needs none."""
        if odd := [name for name in THRESHOLDS if getattr(self, name) is not None and name != "above"]:
            raise ValueError(
                f"an `anomaly` is judged by its score: leave out `{odd[0]}`, say `direction: down`"
            )
        limits, back, sign = levels(self, "warning")
        self.check_steps(self.above if self.above is not None else SCORE, limits, back, sign)
        check_scores(limits, back)
        if self.kind == "counter" and self.fraction is not None:
            raise ValueError(
                "`kind`: a ratio of counters is no counter; leave it out, or say errors or latency"
            )

    def _ordered(self) -> None:
        names = [name for name in THRESHOLDS if getattr(self, name) is not None]
        if len(names) != 1:
            others = ", ".join(f"`{name}`" for name in THRESHOLDS[2:])
            raise ValueError(f"say exactly one of `above` and `below` (or of {others})")
        if names[0] in BANDS:
            self.check_bands()
            return
        limits, back, sign = levels(self, "warning")
        self.check_steps(getattr(self, names[0]), limits, back, sign)
        if self.reaches is not None and any(sign * self.reaches <= sign * one for one in limits.values()):
            raise ValueError(f"`reaches` lies beyond every threshold: beyond those of `{names[0]}`")

    def written(self, limit: float) -> str | float:
        """A threshold as a document keeps it."""
        share = self.ratio is not None or self.relative
        return float(limit) if self.anomaly is not None else as_document(limit, share)

    @property
    def reads_series(self) -> bool:
        """Whether it looks at series, and not at events or other rules."""
        return self.event is None and self.composite is None

    @property
    def noise(self) -> float:
        """How far, relative, a value may lie beside its decimal: what is added up of floats owes that to rounding."""
        function = self.function
        summed = function not in EXACT or self.compared_to > 0 or (function == "last" and self.by is not None)
        return NOISE if summed and (function or self.ratio is not None) else 0.0

    def in_per_cent(self, limit: float | None) -> bool:
        """Whether a threshold, and a value beside it, is shown in per cent: as it was written, else as a share is."""
        share = self.ratio is not None or self.relative
        share = share or (self.fraction is not None and self.signal() == "errors")
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
        if not self.reads_series:
            return ()
        if self.fraction is not None:
            over, slash, under = self.fraction.partition(" / ")
            if not slash:
                raise Refused("`ratio` is written `numerator / denominator`, with spaces around the stroke")
            return Input(0, "increase", selector(over)), Input(1, "increase", selector(under))
        if self.anomaly is not None:
            return (Input(0, self._function(), selector(self.anomaly)),)
        if self.quantile is not None:
            return (quantile_input(self.quantile),)
        name = self.function or "last"
        return (Input(0, name, selector(getattr(self, name))),)

    def _function(self) -> str:
        """What an anomaly takes of a frame: a counter's increase, a value, or that of a group."""
        kind = self.signal()
        if kind == "counter":
            return "increase"
        return "last" if self.by is None or kind in ADDED else "avg"


def levels(condition: Condition, severity: Severity) -> tuple[Levels, Levels, int]:
    """As `Rule.levels`; `severity` is that of a threshold without one. Of bands, their lower ends, on no side (0).

    What no longer breaches is well: a margin is only where `recover` names one. But a score, which nobody measures,
    is noise around its threshold: an anomaly ends a tenth back.
    """
    if condition.unreachable:
        return {severity: 1.0}, {severity: 1.0}, -1
    if not condition.reads_series and condition.comparison is None:
        return {severity: 0.0}, {severity: 0.0}, 1
    if bands := condition.bands(severity):
        lows: Levels = {name: band.low for name, band in bands.items()}
        return lows, lows, 0
    limits, sign = condition.one_sided(severity) or ({severity: SCORE}, 1)
    margin = 0.1 if condition.anomaly is not None else 0.0
    back: Levels = {
        name: value - sign * abs(value) * margin if margin else value for name, value in limits.items()
    }
    if condition.recover is not None:
        each = (
            condition.recover
            if isinstance(condition.recover, dict)
            else dict.fromkeys(limits, condition.recover)
        )
        back |= each
    return limits, back, sign
