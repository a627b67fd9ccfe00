"""Thresholds of a condition: on which side of a number, or of a band, a value is wrong, for each severity."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, NamedTuple, TypeVar, cast

from pydantic import Discriminator, Field, Tag, field_serializer

from streams.documents.document import Part
from streams.limit import Limit, as_document, shifted
from streams.messages.envelope import Severity
from streams.text.fault import TAGS

SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")
Levels = dict[Severity, Limit]
Span = Annotated[list[Limit], Field(min_length=2, max_length=2)]
Spans = dict[Severity, Span]
_EACH, _ONE, _ = TAGS
_BY_SEVERITY = Discriminator(lambda value: _EACH if isinstance(value, dict) else _ONE)
Threshold = Annotated[Annotated[Levels, Tag(_EACH)] | Annotated[Limit, Tag(_ONE)], _BY_SEVERITY]
BandThreshold = Annotated[Annotated[Spans, Tag(_EACH)] | Annotated[Span, Tag(_ONE)], _BY_SEVERITY]
ONE_SIDED = ("above", "below", "at_or_above", "at_or_below")
BANDS = ("equals", "differs_from", "inside", "outside")
THRESHOLDS = (*ONE_SIDED, *BANDS)
INCLUSIVE = frozenset({"at_or_above", "at_or_below"})
UPPER = frozenset({"above", "at_or_above"})
WITHIN = frozenset({"equals", "inside"})  # a value within the band is wrong; of the others, one outside of it
WORDS = {
    "above": "above", "below": "below", "at_or_above": "at or above", "at_or_below": "at or below",
    "equals": "equal to", "differs_from": "different from", "inside": "inside", "outside": "outside",
}  # fmt: skip
L = TypeVar("L")


class Band(NamedTuple):
    """From where to where, both included."""

    low: float
    high: float

    def breached(self, value: float, within: bool, noise: float) -> bool:
        """Whether a value lies within the band, or outside of it; `noise`: relative, of what is summed."""
        inside = -shifted(self.low, -1, noise) <= value <= shifted(self.high, 1, noise)
        return inside is within


class ThresholdFields(Part):
    """The fields of which a condition has exactly one, with one value, or one a severity."""

    above: Threshold | None = None
    below: Threshold | None = None
    at_or_above: Threshold | None = None
    at_or_below: Threshold | None = None
    equals: Threshold | None = None
    differs_from: Threshold | None = None
    inside: BandThreshold | None = None
    outside: BandThreshold | None = None
    recover: Threshold | None = None
    reaches: Limit | None = None  # where it is too late: a message may say when, at this pace
    unit: str = Field(default="", max_length=20)  # shown behind values

    @field_serializer(*THRESHOLDS, "recover", "reaches", when_used="json")
    def _as_written(
        self, limit: Levels | Spans | Span | float | None
    ) -> dict[Severity, str | float | list[str | float]] | list[str | float] | str | float | None:
        def each(of: Span | float) -> list[str | float] | str | float:
            return list(map(self.written, of)) if isinstance(of, list) else self.written(of)

        if isinstance(limit, dict):
            return {severity: each(number) for severity, number in limit.items()}
        return None if limit is None else each(limit)

    def written(self, limit: float) -> str | float:
        """A threshold as a document keeps it."""
        return as_document(limit, False)

    @property
    def comparison(self) -> str | None:
        """Which of the thresholds it has; None where it has none."""
        return next((name for name in THRESHOLDS if getattr(self, name) is not None), None)

    @property
    def inclusive(self) -> bool:
        """Whether a value that equals its threshold lies beyond it."""
        return self.comparison in INCLUSIVE

    @property
    def within(self) -> bool:
        """Whether what lies within its band is wrong."""
        return self.comparison in WITHIN

    def one_sided(self, severity: Severity) -> tuple[Levels, int] | None:
        """Thresholds by severity and the side (+1 above, −1 below); None where there are none of that kind."""
        name = self.comparison
        if name not in ONE_SIDED:
            return None
        return by_severity(getattr(self, name), severity), 1 if name in UPPER else -1

    def bands(self, severity: Severity) -> dict[Severity, Band]:
        """The bands by severity; none where it compares with a threshold."""
        name = self.comparison
        if name not in BANDS:
            return {}
        if name in ("equals", "differs_from"):
            return {
                of: Band(limit, limit) for of, limit in by_severity(getattr(self, name), severity).items()
            }
        return {of: Band(*span) for of, span in by_severity(getattr(self, name), severity).items()}

    def check_bands(self) -> None:
        """Whether bands are bands, and lie within one another; ValueError names the field."""
        name = self.comparison
        if self.reaches is not None:
            raise ValueError(f"`reaches` lies beyond `above` or `below`; leave it out beside `{name}`")
        if self.recover is not None:
            raise ValueError(f"`recover` is a margin of `above` or `below`; leave it out beside `{name}`")
        bands = list(self.bands("warning").values())
        if not bands:
            raise ValueError(f"`{name}`: say a value, or one a severity: info, warning, critical")
        if upside := [band for band in bands if band.low > band.high]:
            low, high = upside[0]
            raise ValueError(f"`{name}`: write the lower bound first: [{high:g}, {low:g}]")
        ranked = [band for _, band in ranked_by_severity(self.bands("warning"))]
        wider = ranked if self.within else ranked[::-1]
        for outer, inner in pairwise(wider):
            if name in ("inside", "outside") and not outer.low <= inner.low <= inner.high <= outer.high:
                further = "the narrower" if self.within else "the wider"
                raise ValueError(
                    f"`{name}`: the worse the severity, {further} its band: info, warning, critical"
                )

    def check_steps(self, threshold: Levels | float, limits: Levels, back: Levels, sign: int) -> None:
        """Whether thresholds rise with their severity, and recovery lies on their good side."""
        if isinstance(threshold, dict):
            steps = [sign * limit for _, limit in ranked_by_severity(threshold)]
            if not steps or steps != sorted(steps):
                raise ValueError(
                    f"`{self.comparison}`: the worse the severity, the further its threshold: info, warning, critical"
                )
        own = set(threshold) if isinstance(threshold, dict) else set[Severity]()
        if isinstance(self.recover, dict) and not set(self.recover) <= own:
            raise ValueError("`recover` by severity needs a threshold of the same severity")
        if wrong := [name for name, value in limits.items() if sign * back[name] > sign * value]:
            raise ValueError(f"`recover` must not lie beyond the threshold ({wrong[0]})")


def by_severity(threshold: dict[Severity, L] | L, severity: Severity) -> dict[Severity, L]:
    """A threshold by severity; what is said without one is of the rule's own."""
    return cast(dict[Severity, L], threshold) if isinstance(threshold, dict) else {severity: threshold}


def ranked_by_severity(of: Mapping[Severity, L]) -> list[tuple[Severity, L]]:
    """From the mildest to the worst."""
    return [(name, of[name]) for name in SEVERITIES if name in of]
