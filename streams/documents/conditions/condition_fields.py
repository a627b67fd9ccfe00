"""The fields of a condition together, and what follows from them: what it reads, over how long, how it is shown."""

from __future__ import annotations

from math import inf
from typing import Annotated, Literal

from pydantic import Field

from streams.documents.conditions import anomaly
from streams.documents.conditions.anomaly import RATIO, ROW, SCORE, Anomaly, Kind
from streams.documents.conditions.burn import LEVELS, STEP, BurnFields
from streams.documents.conditions.compared import ComparedFields
from streams.documents.conditions.composite import CompositeFields
from streams.documents.conditions.condition_input import Input, SeriesFields, quantile_input
from streams.documents.conditions.event_condition import EventFields
from streams.documents.conditions.recording import MARK, RecordingFields
from streams.documents.conditions.threshold import Levels, ThresholdFields
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


class ConditionFields(
    SeriesFields,
    BurnFields,
    CompositeFields,
    ComparedFields,
    ThresholdFields,
    EventFields,
    RecordingFields,
    Anomaly,
):
    """All fields; which of them fit each other is said by `Condition`."""

    unreachable: Literal["upstream", "gateway", "tool"] | None = None
    # None: each series by itself; a list: sums over the series that share these labels
    by: Annotated[Labels | None, Several] = None
    over: Length = 0
    at_least: Quantity = 0.0
    missing: Literal["keep", "alert", "resolve"] = "keep"
    missed: int = Field(default=3, ge=1, le=1000)

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
        """How far, relative, a value may lie beside its decimal: what is added up of floats owes that to rounding.

        So does what a rule of ours has recorded, whatever is taken of it.
        """
        function = self.function
        if function is None:
            return NOISE if self.ratio is not None or self.quantile is not None else 0.0
        summed = function not in EXACT or self.compared_to > 0 or (function == "last" and self.by is not None)
        return NOISE if summed or MARK in getattr(self, function).partition("{")[0] else 0.0

    def in_per_cent(self, limit: float | None) -> bool:
        """Whether a threshold, and a value beside it, is shown in per cent: as it was written, else as a share is."""
        share = self.ratio is not None or self.relative or self.burn_rate is not None
        share = share or (self.fraction is not None and self.signal() == "errors")
        return share if limit is None or self.anomaly is not None else is_percentage(limit, share)

    @property
    def fraction(self) -> str | None:
        """`numerator / denominator`, where it looks at a ratio."""
        if self.burn_rate is not None or self.ratio is not None:
            return self.ratio if self.burn_rate is None else self.burn_rate
        return self.anomaly if self.anomaly is not None and " / " in self.anomaly else None

    @property
    def window(self) -> int:
        """Milliseconds that its windows reach back; 0 where the last value is enough."""
        if self.anomaly is None:
            return self.over if self.burn_rate is None else STEP
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
                kind = "ratio" if self.burn_rate is None else "burn_rate"
                raise Refused(f"`{kind}` is written `numerator / denominator`, with spaces around the stroke")
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


def levels(condition: ConditionFields, severity: Severity) -> tuple[Levels, Levels, int]:
    """As `Rule.levels`; `severity` is that of a threshold without one. Of bands, their lower ends, on no side (0).

    What no longer breaches is well: a margin is only where `recover` names one. But a score, which nobody measures,
    is noise around its threshold: an anomaly ends a tenth back.
    """
    if condition.unreachable:
        return {severity: 1.0}, {severity: 1.0}, -1
    if condition.burn_rate is not None:
        return dict(LEVELS), dict(LEVELS), 1
    if not condition.reads_series and condition.comparison is None:
        return {severity: 0.0}, {severity: 0.0}, 1
    if condition.record is not None and condition.comparison is None:
        return {severity: inf}, {severity: inf}, 1  # it only records
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
