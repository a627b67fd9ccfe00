"""Windows in buckets, against a slow model that keeps every sample."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tables.detect.aggregate.aggregate import AggregateBlock, value
from tables.detect.aggregate.view import BUCKETS, View, bucket_width
from tables.detect.series.series_block import SeriesBlock

START = 1_764_547_200_000
steps = st.lists(st.tuples(st.integers(1, 40_000), st.integers(-50, 50)), min_size=1, max_size=40)
overs = st.sampled_from([1_000, 5_000, 29_999, 30_000, 61_001, 300_000])


def times(moves: list[tuple[int, int]]) -> list[tuple[int, float]]:
    """Samples at growing instants."""
    at, samples = START, []
    for step, number in moves:
        at += step
        samples.append((at, float(number)))
    return samples


def view(function: str, slot: int, over: int) -> View:
    """One window of a block, through a function."""
    width = bucket_width(over)
    columns = (slot, width, max(1, -(-over // width)), over)
    slots, widths, buckets, overs = (np.array([column]) for column in columns)
    even = width if over == BUCKETS * width else 0
    return View(function, 0, slots, widths, buckets, overs, True, even)


def slow(function: str, samples: list[tuple[int, float]], at: int, over: int) -> float:
    """The function of the samples within the window that ends at `at`, and of those in one bucket with the first."""
    width, begin = bucket_width(over), at - over
    together = {then // width for then, _ in samples if begin < then}
    inside = [number for then, number in samples if begin < then or then // width in together]
    if function == "count":
        return float(len(inside))
    if not inside:
        return math.nan
    total = {"avg": sum(inside) / len(inside), "min": min(inside), "max": max(inside)}.get(
        function, sum(inside)
    )
    return total * 1_000 / over if function == "rate" else total


def fast(function: str, samples: list[tuple[int, float]], at: int, over: int) -> float:
    """The same from a block, in the middle of other slots."""
    block = AggregateBlock()
    for slot in range(3):
        block.add(slot, ["rule", 0, f"m{slot}"])
    for n, (then, number) in enumerate(samples):
        block.put(view(function, 1, over), then, np.array([number]))
        block.put(view(function, n % 2 * 2, over), then, np.array([1e9]))
    mine = view(function, 1, over)
    return float(value(mine, *block.read(mine, at))[0])


@pytest.mark.parametrize("function", ["avg", "min", "max", "sum", "count", "rate", "increase"])
@given(steps, overs, st.integers(0, 400_000))
def test_a_window_is_its_samples(function: str, moves: list[tuple[int, int]], over: int, later: int) -> None:
    """Whatever the samples and whenever it is asked, a window says what the slow model says."""
    samples = times(moves)
    at = samples[-1][0] + later
    assert fast(function, samples, at, over) == pytest.approx(slow(function, samples, at, over), nan_ok=True)


@given(st.integers(1_000, 10**9))
def test_a_window_reaches_back_its_length(over: int) -> None:
    """Thirty buckets, and the one in which it begins, are enough for any window."""
    width = bucket_width(over)
    buckets = max(1, -(-over // width))
    assert buckets <= BUCKETS
    assert width >= 1_000
    assert over <= buckets * width < over + width


@given(steps, overs, st.integers(0, 3_600_000))
def test_a_window_is_never_shorter_nor_much_longer(
    moves: list[tuple[int, int]], over: int, shift: int
) -> None:
    """Wherever absolute time falls, what lies within `over` counts, and nothing from before by a bucket or more."""
    samples = [(at + shift, 1.0) for at, _ in times(moves)]
    at, width = samples[-1][0], bucket_width(over)
    within, around = (sum(at - span < then for then, _ in samples) for span in (over, over + width))
    assert within <= fast("count", samples, at, over) <= around


@given(st.lists(st.tuples(st.integers(40_000, 90_000), st.integers(-50, 50)), min_size=1, max_size=40), overs)
def test_a_window_of_few_samples_is_exact(moves: list[tuple[int, int]], over: int) -> None:
    """Where no two samples share a bucket, a window holds what lies within `over`, to the millisecond."""
    samples = times(moves)
    at = samples[-1][0]
    assert fast("count", samples, at, over) == sum(at - over < then for then, _ in samples)


@given(steps, steps, overs)
def test_a_copy_is_independent(moves: list[tuple[int, int]], more: list[tuple[int, int]], over: int) -> None:
    """What is put into a block after it was copied does not show in the copy."""
    block, mine = AggregateBlock(), view("sum", 0, over)
    block.add(0, ["rule", 0, "m"])
    for at, number in times(moves):
        block.put(mine, at, np.array([number]))
    twin = block.copy()
    before = twin.pack()
    for at, number in times(moves + more):
        block.put(mine, at, np.array([number]))
    assert twin.pack() == before


@pytest.mark.parametrize("function", ["sum", "min", "max"])
@given(st.lists(st.lists(st.floats(-1e9, 1e9), min_size=9, max_size=9), min_size=1, max_size=40))
def test_windows_do_not_depend_on_their_company(function: str, frames: list[list[float]]) -> None:
    """Whether windows are filled and read together or one by one, every bit of them is the same."""
    together, apart = AggregateBlock(), AggregateBlock()
    each = [view(function, slot, [3_000, 45_000, 300_000][slot % 3]) for slot in range(9)]
    for block in (together, apart):
        for slot in range(9):
            block.add(slot, ["rule", 0, f"m{slot}"])
    parts = zip(*((one.slots, one.width, one.buckets, one.over) for one in each), strict=True)
    slots, widths, buckets, overs = map(np.concatenate, parts)
    whole = View(function, 0, slots, widths, buckets, overs)
    for n, values in enumerate(frames):
        together.put(whole, START + 1_700 * n, np.array(values))
        for one, number in zip(each, values, strict=True):
            apart.put(one, START + 1_700 * n, np.array([number]))
    at = START + 1_700 * len(frames)
    found = [np.concatenate(some) for some in zip(*(apart.read(one, at) for one in each), strict=True)]
    assert together.pack() == apart.pack()
    assert [some.tobytes() for some in together.read(whole, at)] == [some.tobytes() for some in found]


def test_a_cleared_window_is_empty() -> None:
    """A rule that reads something else now begins anew."""
    block, mine = AggregateBlock(), view("max", 0, 5_000)
    block.add(0, ["rule", 0, "m"])
    block.put(mine, START, np.array([5.0]))
    block.clear(mine.slots)
    assert np.isnan(value(mine, *block.read(mine, START))).all()
    block.put(mine, START + 1, np.array([2.0]))
    assert value(mine, *block.read(mine, START + 1)) == [2.0]


def counted(values: list[float], born_counts: bool) -> float:
    """All steps of a counter that showed these values."""
    block, total = SeriesBlock(), 0.0
    block.add(0, "c", "s")
    for n, number in enumerate(values):
        total += float(block.update(np.array([0]), START + n, np.array([number]), born_counts)[1][0])
    return total


@pytest.mark.parametrize(
    ("values", "born_counts", "increase"),
    [
        ([5.0], False, 0.0),
        ([5.0], True, 5.0),
        ([5.0, 7.0, 7.0, 10.0], False, 5.0),
        ([5.0, 7.0, 2.0, 4.0], False, 6.0),
        ([5.0, 0.0, 3.0], True, 8.0),
    ],
)
def test_a_counter_increases(values: list[float], born_counts: bool, increase: float) -> None:
    """A fall is a reset and counts whole; the first value counts where its source was watched before."""
    assert counted(values, born_counts) == increase


@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=5), min_size=1, max_size=5))
def test_resets_lose_nothing(lives: list[list[int]]) -> None:
    """Over any number of restarts, the increase is what all processes counted."""
    values: list[float] = []
    for life in lives:
        values += [0.0, *np.cumsum(life).astype(float).tolist()]
    assert counted(values, False) == sum(map(sum, lives))


def test_older_values_are_not_taken() -> None:
    """A value at or before the last one's instant changes nothing."""
    block, slots = SeriesBlock(), np.array([0])
    block.add(0, "c", "s")
    block.update(slots, START, np.array([5.0]), False)
    taken, _ = block.update(slots, START, np.array([9.0]), False)
    assert (taken.tolist(), block.value[0]) == ([False], 5.0)
