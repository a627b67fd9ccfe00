"""What a condition takes of which metric: the functions of series, and how a quantile is written."""

from __future__ import annotations

from typing import NamedTuple

from streams.calendar.duration import spell
from streams.documents.conditions.anomaly import LONGEST, Metric
from streams.documents.document import Part, as_number
from streams.errors import Refused
from streams.matcher import Selector, selector

FUNCTIONS = (
    "last", "avg", "min", "max", "sum", "count", "rate", "increase", "delta", "changes", "stddev",
)  # fmt: skip
COUNTERS = frozenset({"rate", "increase"})
BUCKETS = "_bucket"  # how a series of a histogram is called


class SeriesFields(Part):
    """The functions of series, of which a condition has at most one: what is taken of which metric."""

    last: Metric | None = None
    avg: Metric | None = None
    min: Metric | None = None
    max: Metric | None = None
    sum: Metric | None = None
    count: Metric | None = None
    rate: Metric | None = None
    increase: Metric | None = None
    delta: Metric | None = None
    changes: Metric | None = None
    stddev: Metric | None = None
    quantile: Metric | None = None  # `0.99 of metric`
    ratio: Metric | None = None

    @property
    def function(self) -> str | None:
        """Which of the functions it has, quantiles and ratios aside."""
        return next((name for name in FUNCTIONS if getattr(self, name) is not None), None)


class Input(NamedTuple):
    """One metric that a rule reads. `role`: 0 the value or numerator, 1 the denominator."""

    role: int
    function: str
    selector: Selector


def of_samples(quantile: str | None) -> bool:
    """Whether a condition is a quantile of samples, and not of the buckets of a histogram."""
    return quantile is not None and not quantile.partition("{")[0].strip().endswith(BUCKETS)


def quantile_input(text: str) -> Input:
    """`0.99 of http_seconds_bucket`: of a histogram's buckets, else of samples; Refused says how it is written."""
    share, word, metric = text.partition(" of ")
    try:
        q = as_number(share)
    except ValueError:
        q = -1.0
    if not word or not 0 < q < 1:
        raise Refused(f"{text!r:.60} is no quantile: write `0.99 of metric`, a share between 0 and 1 first")
    read = selector(metric)
    kind = "histogram" if read.name.endswith(BUCKETS) else "quantile"
    return Input(0, f"{kind} {q!r}", read)


def check_span(kind: str, over: int) -> None:
    """Whether `over`, ms, is there where the function that was said needs it, and only there; else ValueError."""
    if kind == "anomaly":
        if over and not 1_000 <= over <= LONGEST:
            raise ValueError(f"`over` is what one row of an `anomaly` spans: 1s to {spell(LONGEST)}")
        return
    needs = kind not in ("last", "unreachable", "burn_rate")
    if needs and over < 1_000:
        raise ValueError(f"`{kind}` needs a window: `over: 5m` (at least 1s)")
    if not needs and over:
        if kind == "burn_rate":
            raise ValueError("`burn_rate` has windows of its own, of 5m to 3d; leave out `over`")
        raise ValueError(f"`{kind}` looks at one value; leave out `over`, or use avg, min or max")
