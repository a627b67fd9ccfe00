"""Deviations and quantiles of windows, against what a plain reference says."""

from __future__ import annotations

import math
import random
import statistics

import numpy as np
import pytest

from tables.detect.aggregate.aggregate import AggregateBlock, value
from tables.detect.aggregate.distribution import of_buckets
from tables.detect.aggregate.view import BUCKETS, View

OVER = 60_000
NOON = 1_764_547_200_000


def window(function: str) -> tuple[AggregateBlock, View]:
    """The window of one series, a minute long."""
    block = AggregateBlock()
    block.add(0, ["r", 0, "m"])
    slot, width, buckets, over = (np.array([number]) for number in (0, OVER // BUCKETS, BUCKETS, OVER))
    return block, View(function, 0, slot, width, buckets, over, even=OVER // BUCKETS)


def read(function: str, samples: list[tuple[int, float]], at: int) -> float:
    """What the function says of these samples, (event ms, value), at an instant; a row's bytes lose nothing of it."""
    block, view = window(function)
    for when, number in samples:
        block.put(view, when, np.array([number]))
    again = AggregateBlock.unpack(*block.pack())
    return float(value(view, *again.read(view, at))[0])


@pytest.mark.parametrize("seed", range(20))
def test_a_deviation_is_that_of_all_samples(seed: int) -> None:
    """However many there are in a bucket, and however large they are beside it."""
    rnd = random.Random(seed)
    far = rnd.choice([0.0, 1e6, -1e9])
    instants = sorted({NOON + 100 * rnd.randrange(700) + 1 for _ in range(50)})
    samples = [(at, far + rnd.gauss(0, 5)) for at in instants]
    at, width = instants[-1], OVER // BUCKETS
    within = {when // width for when in instants if when > at - OVER}  # buckets count as a whole
    kept = [number for when, number in samples if when // width in within]
    assert read("stddev", samples, at) == pytest.approx(statistics.pstdev(kept), rel=1e-3)


@pytest.mark.parametrize("share", [0.01, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("seed", range(5))
def test_a_quantile_is_exact_where_a_bucket_holds_one_sample(seed: int, share: float) -> None:
    """As numpy finds it among all samples of the window."""
    rnd = random.Random(seed)
    samples = [(NOON + 2_000 * n, rnd.gauss(0, 5)) for n in range(1, 60)]
    at = samples[-1][0]
    kept = [number for when, number in samples if when > at - OVER]
    assert read(f"quantile {share!r}", samples, at) == pytest.approx(float(np.quantile(kept, share)))


def test_an_empty_window_has_no_value() -> None:
    """It is never beyond a threshold."""
    for function in ("stddev", "quantile 0.5"):
        assert math.isnan(read(function, [(NOON, 1.0)], NOON + 2 * OVER))


def of_one(share: float, bounds: list[float], amounts: list[float]) -> float:
    """The quantile of one histogram, beside another one of which the same is known."""
    of = np.repeat([0, 1], len(bounds))
    found = of_buckets(np.array([0.3, share]), of, np.array(bounds * 2), np.array(amounts * 2))
    return float(found[1])


@pytest.mark.parametrize(
    ("share", "found"), [(0.5, 1.0), (0.75, 1.625), (0.25, 0.5), (0.99, 2.0), (0.05, 0.1)]
)
def test_a_histogram_is_read_as_prometheus_does(share: float, found: float) -> None:
    """Linear within a bucket; beyond the last bound, the last bound. Series of one bound are added."""
    assert of_one(share, [2.0, 1.0, np.inf, 1.0], [18.0, 5.0, 20.0, 5.0]) == pytest.approx(found)


@pytest.mark.parametrize(
    ("bounds", "amounts"),
    [([1.0, 2.0], [1.0, 2.0]), ([1.0, np.inf], [0.0, 0.0]), ([np.inf], [5.0]), ([], [])],
)
def test_a_histogram_without_observations_or_end_has_no_value(
    bounds: list[float], amounts: list[float]
) -> None:
    """It is never beyond a threshold."""
    assert math.isnan(of_one(0.5, bounds, amounts))
