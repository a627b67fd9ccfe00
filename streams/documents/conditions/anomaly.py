"""What a rule may say of a condition `anomaly`, and what its metric's name says of the kind of its signal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from streams.documents.document import Length, Part
from streams.errors import Refused
from streams.messages.envelope import Severity

HOUR = 3_600_000  # ms
SCORE = 0.9  # the one shipped threshold; a rule needs to say none of its own
ROW = 60_000  # ms; how much of a series is one row for its model, where the rule says no `over`
RATIO = 300_000  # ms over which a ratio of counters is taken, where the rule says no `over`
LONGEST = HOUR
Metric = Annotated[str, Field(max_length=2_000)]  # a metric with its matchers, or two with a stroke between
Kind = Literal["gauge", "rate", "errors", "latency", "counter", "queue", "saturation"]
_COUNTERS = ("_total", "_count", "_sum")
_WORDS: tuple[tuple[Kind, frozenset[str]], ...] = (
    ("errors", frozenset({"error", "errors", "failure", "failures", "failed"})),
    ("saturation", frozenset({"ratio", "share", "percent", "utilization", "usage"})),
    ("latency", frozenset({"seconds", "milliseconds", "ms", "latency", "duration"})),
    ("queue", frozenset({"queue", "queued", "pending", "backlog", "depth"})),
    ("rate", frozenset({"rate", "rps", "throughput"})),
)


class Anomaly(Part):
    """The fields of a condition `anomaly`, all but the metric with a default that is right for most series."""

    anomaly: Metric | None = None
    kind: Kind | None = None  # None: as the metric's name says
    direction: Literal["up", "down", "both"] | None = None  # None: the side that matters for the kind
    sensitivity: Literal["low", "normal", "high"] = "normal"
    minimum_history: Length = 24 * HOUR
    seasonality: Literal["auto", "none", "day", "week"] = "auto"
    quiet: Length = 8 * HOUR
    learn_while_firing: Length = 2 * HOUR

    def strangers(self) -> list[str]:
        """The fields that only an anomaly condition may set, where this is none and they are set all the same."""
        fields = [(name, field.default) for name, field in Anomaly.model_fields.items() if name != "anomaly"]
        known = self.anomaly is not None
        return [] if known else [name for name, default in fields if getattr(self, name) != default]


def check_scores(limits: Mapping[Severity, float], back: Mapping[Severity, float]) -> None:
    """Whether thresholds and recovery thresholds are scores; ValueError names the field."""
    if wrong := [score for score in (*limits.values(), *back.values()) if not 0 < score < 1]:
        field = "above" if wrong[0] in limits.values() else "recover"
        raise ValueError(
            f"`{field}`: a score lies between 0 and 1, {SCORE} being the usual threshold: not {wrong[0]:g}"
        )


def kind_of(metric: str) -> Kind:
    """The kind of a signal by its metric's name; Refused for what is no signal."""
    if metric.endswith("_bucket"):
        raise Refused(
            f"`anomaly`: {metric} counts below a bound; write {metric.removesuffix('bucket')}count, "
            f"or {metric.removesuffix('bucket')}sum / {metric.removesuffix('bucket')}count for the mean"
        )
    if metric.endswith(_COUNTERS):
        return "counter"
    words = set(metric.split("_"))
    fits: list[Kind] = [kind for kind, known in _WORDS if words & known]
    return fits[0] if fits else "gauge"


def kind_of_ratio(over: str) -> Kind:
    """The kind of a ratio of two counters by its numerator: the mean of what a `_sum` adds up, else a share."""
    return kind_of(over.removesuffix("_sum")) if over.endswith("_sum") else "errors"
