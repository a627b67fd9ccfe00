"""Differences of large numbers are the decimals that they stand for."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tables.detect.series.digits import balanced, fell, freed

counts = st.integers(0, 10**15 - 1)


@given(counts, counts, st.integers(0, 6))
def test_the_decimal_between_two_decimals(one: int, other: int, places: int) -> None:
    """Whatever fifteen digits two numbers have, their difference is what people would write."""
    low, high = (Decimal(count).scaleb(-places) for count in sorted((one, other)))
    step = np.array([float(high) - float(low)])
    assert freed(step, np.array([float(high)]))[0] == float(high - low)


@given(st.floats(0, 1e300), st.floats(0, 1e300))
def test_hardly_moved(one: float, other: float) -> None:
    """No difference is moved by more than what the larger number cannot tell."""
    low, high = sorted((one, other))
    assert abs(freed(np.array([high - low]), np.array([high]))[0] - (high - low)) <= 1e-14 * high


def test_whole_and_odd_numbers_stay() -> None:
    """Neither whole numbers are touched, nor what is none."""
    steps = np.array([1.0, 9e15, np.inf, 0.5, 1e-30])
    assert freed(steps, np.array([1e14, 9.1e15, np.inf, 1e16, 1e-29])).tolist() == steps.tolist()
    assert np.isnan(freed(np.array([np.nan]), np.array([1.0]))[0])


@given(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=31), st.integers(0, 6))
def test_a_sum_that_cancels_is_the_decimal(counts: list[int], places: int) -> None:
    """Whatever goes up and down again comes to what people would write, and to nothing where that is nothing."""
    numbers = [float(Decimal(count).scaleb(-places)) for count in counts]
    sums, magnitude = np.array([sum(numbers)]), np.array([sum(map(abs, numbers))])
    right = float(Decimal(sum(counts)).scaleb(-places))
    assert balanced(sums, magnitude)[0] == pytest.approx(right, rel=1e-12, abs=0.0)


def test_only_a_real_fall_is_a_restart() -> None:
    """A counter that is less by its last digit has not begun anew; one that is less by a thousandth has."""
    last = np.array([100_000.30000000002, 100_000.3, 5.0, 0.3, 0.0])
    now = np.array([100_000.3, 100_000.299, 4.0, 0.1 + 0.2, 0.0])
    assert fell(now, last).tolist() == [False, True, True, False, False]
