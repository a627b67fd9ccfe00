"""A rule made ready for judging: what it reads, how it groups, and its thresholds as numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from math import nan

from streams.documents.conditions.condition_input import COUNTERS, Input
from streams.documents.conditions.threshold import SEVERITIES, Band
from streams.documents.rule import Rule
from streams.limit import shifted
from streams.matcher import Selector
from streams.telemetry import series
from tables.detect.aggregate.distribution import HISTOGRAM
from tables.detect.aggregate.unseen import Sides, Unseen, in_full, sides, unseen
from tables.detect.aggregate.view import bucket_width


@dataclass(frozen=True)
class CompiledRule:
    """One enabled rule. An instance is a series by itself or, with `by`, all series that share those labels."""

    rule: Rule

    @cached_property
    def id(self) -> str:
        """The rule's UUID."""
        return self.rule.id

    @cached_property
    def inputs(self) -> tuple[Input, ...]:
        """(role, function, selector) of each metric that the rule reads."""
        return tuple(self.rule.condition.inputs())

    @cached_property
    def read(self) -> tuple[tuple[int, str, str], ...]:
        """The same as texts, in whatever order the matchers were written: what two revisions are compared by."""
        return tuple((role, function, _spelled(selector)) for role, function, selector in self.inputs)

    @cached_property
    def by(self) -> list[str] | None:
        """The labels that tell its instances apart, in whatever order they were written."""
        by = self.rule.condition.by
        return None if by is None else sorted(set(by))

    @cached_property
    def windowed(self) -> bool:
        """Whether it needs more than the last value."""
        return self.rule.condition.window > 0

    @cached_property
    def looks_back(self) -> bool:
        """Whether its own value is that of a window."""
        condition = self.rule.condition
        return self.windowed and condition.anomaly is None and condition.burn_rate is None

    @cached_property
    def records(self) -> bool:
        """Whether what it finds becomes a series."""
        return self.rule.condition.record is not None

    @cached_property
    def counts(self) -> bool:
        """Whether it reads counters, which are blind where several workers answer in turn."""
        return any(function in COUNTERS or function.startswith(HISTOGRAM) for _, function, _ in self.inputs)

    @cached_property
    def in_full(self) -> bool:
        """Whether what was not seen could make right what seems wrong: its windows must have been watched in full."""
        if not self.inputs:
            return False
        (beyond, _, sign), bands = self.limits, self.bands
        still = any(0.0 * sign > limit for limit in beyond)
        if bands is not None:
            still = any(low > 0.0 or high < 0.0 for low, high in zip(*bands[:2], strict=True))
        return in_full(self.rule.condition, self.unseen, still)

    @cached_property
    def unseen(self) -> Unseen:
        """What the part of its windows that was not seen could do to its value."""
        return unseen(self.rule.condition, self.inputs[0].function)

    @cached_property
    def proven(self) -> Sides:
        """By severity, whether what lies below its band, or above it, is wrong whatever was not seen."""
        lows, highs, _ = self.bands or ([math.nan] * 3, [math.nan] * 3, False)
        return sides(self.unseen, list(map(Band, lows, highs)))

    @cached_property
    def learns_steps(self) -> bool:
        """Whether a model learns from the steps of its counters, which a restart makes worthless."""
        condition = self.rule.condition
        return self.counts and condition.anomaly is not None and condition.fraction is None

    @cached_property
    def learns_groups(self) -> bool:
        """Whether a model learns what the series of a group come to, which means nothing while one is missing."""
        condition = self.rule.condition
        return condition.anomaly is not None and condition.by is not None and condition.fraction is None

    @cached_property
    def grouped(self) -> bool:
        """Whether it is judged over several series, when a frame is complete."""
        return (
            self.rule.condition.by is not None or self.rule.condition.fraction is not None or self.histogram
        )

    @cached_property
    def histogram(self) -> bool:
        """Whether it reads the buckets of histograms: those that differ in nothing but `le` belong together."""
        return any(function.startswith(HISTOGRAM) for _, function, _ in self.inputs)

    @cached_property
    def width(self) -> int:
        """Milliseconds of a bucket of its windows."""
        return bucket_width(self.rule.condition.window)

    @cached_property
    def buckets(self) -> int:
        """How many buckets its window spans."""
        return max(1, -(-self.rule.condition.window // self.width))

    @cached_property
    def limits(self) -> tuple[list[float], list[float], int]:
        """Thresholds and recovery thresholds in the order of SEVERITIES, times the sign, NaN where there is none.

        Each lies outwards by what a value may owe to rounding, so that seven tenths three times over are not above 0.7.
        """
        beyond, back, sign = self.rule.levels()
        if not sign:
            return [math.nan] * 3, [math.nan] * 3, 1
        noise, whole = self.rule.condition.noise, self.rule.condition.inclusive
        return (
            [shifted(beyond.get(s, math.nan), sign, noise, whole) for s in SEVERITIES],
            # what equals the threshold is wrong, what equals `recover` is back
            [
                shifted(back.get(s, math.nan), sign, noise, whole and back.get(s) == beyond.get(s))
                for s in SEVERITIES
            ],
            sign,
        )

    @cached_property
    def bands(self) -> tuple[list[float], list[float], bool] | None:
        """Lower and upper ends by severity, NaN where it has none, and whether what lies within is wrong; or None."""
        bands, noise = self.rule.bands(), self.rule.condition.noise
        if not bands:
            return None
        ends = [bands.get(s, Band(math.nan, math.nan)) for s in SEVERITIES]
        lows, highs = ([-shifted(e.low, -1, noise) for e in ends], [shifted(e.high, 1, noise) for e in ends])
        return lows, highs, self.rule.condition.within

    @cached_property
    def patience(self) -> int:
        """After how many frames without a value to alert (positive) or resolve (negative); 0 keeps the state."""
        condition = self.rule.condition
        sign = {"keep": 0, "alert": 1, "resolve": -1}[condition.missing]
        return sign * condition.missed

    def reads(self, other: CompiledRule) -> bool:
        """Whether windows made for the other revision of the rule still hold what this one needs."""
        return self.read == other.read and self.rule.condition.window == other.rule.condition.window

    def key(self, text: str, labels: dict[str, str]) -> str:
        """The text that names the instance of a series within the rule."""
        by = self.rule.condition.by
        if by is None and self.histogram:
            rest = {label: value for label, value in labels.items() if label not in ("le", "gateway")}
            return series.spell(series.metric(text), rest)
        if by is None and not self.grouped:
            return text
        return series.spell("", {label: labels.get(label, "") for label in by or () if label in labels})


def _spelled(selector: Selector) -> str:
    matchers = sorted({(matcher.label, matcher.sign, matcher.value) for matcher in selector.matchers})
    inner = ",".join(f'{label}{sign}"{value}"' for label, sign, value in matchers)
    return f"{selector.name}{{{inner}}}" if inner else selector.name


def bound(compiled: CompiledRule, text: str) -> float:
    """The upper end of the bucket that a series is; NaN where the rule reads no histogram, or it is none."""
    if not compiled.histogram:
        return nan
    try:
        return float(dict(series.parse(text).labels).get("le", ""))
    except ValueError:
        return nan
