"""Values in words: told from what they are compared with, and never carried over to its other side."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.limit import WrittenNumber, exact, limit_text
from streams.text.value_text import FRESH, as_of, short, value_text

NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-10_000, 10_000).map(
    lambda n: n / 100
)


def read(text: str) -> Decimal:
    """What a person takes a text for."""
    word, _, prefix = text.removesuffix("%").partition(" ")
    return Decimal(word) * {"": 1, "M": 10**6, "G": 10**9, "T": 10**12}[prefix]


@given(NUMBERS, NUMBERS, st.booleans())
@example(1.234e9, 1.23e9, False)
@example(99.97, 100.0, False)
@example(0.9997, 0.9998, True)
@example(100.0 + 2**-46, 100.0, False)
@example(9.5367431640625e-07, 9.5e-07, True)
def test_a_value_reads_as_it_lies(value: float, limit: float, percent: bool) -> None:
    """Above is above, below is below, and equal is equal, whatever is rounded."""
    shown, bound = read(value_text(value, [limit], percent)), exact(limit).scaleb(2 if percent else 0)
    assert (shown > bound, shown < bound) == (value > limit, value < limit)


@given(st.floats(1e-6, 1e15), st.floats(1e-9, 1e-3), st.sampled_from([-1, 1]))
def test_a_near_value_differs_from_a_threshold_as_written(limit: float, step: float, side: int) -> None:
    """The two never read the same."""
    written = WrittenNumber(limit, repr(limit))
    value = limit * (1 + side * step)
    assert value == limit or value_text(value, [written]) != limit_text(written, False)


@given(NUMBERS, st.floats(0.2, 5))
def test_what_lies_far_off_is_short(value: float, factor: float) -> None:
    """Three digits are enough where nothing is near."""
    far = value + factor * max(abs(value), 1e-300)
    if far not in (value, float("inf"), float("-inf")):
        assert value_text(value, [far]) == short(exact(value))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0123, "0.0123"), (2345.0, "2345"), (-3_063_020_000, "-3.06 G"), (1e6, "1 M"), (2e12, "2 T"),
        (999.7, "1000"), (-999.8, "-1000"), (999_600.0, "1 M"), (999_600_000, "1 G"), (-0.0, "0"), (1.2e28, "1.2e+28"),
    ],
)  # fmt: skip
def test_large_numbers_are_short(value: float, words: str) -> None:
    """Nobody counts the digits of bytes, where they tell nothing."""
    assert value_text(value) == words


@pytest.mark.parametrize(
    ("value", "limit", "percent", "words"),
    [
        (1_234_000_000, 1.23e9, False, "1234000000"), (0.9997, 0.9995, False, "0.9997"),
        (10_000.4, 10_000.5, False, "10000.4"), (1_000.4, 1_000, False, "1000.4"), (1_000.4, 5, False, "1000"),
        (0.0001254, 0.000125, False, "0.0001254"), (0.9996, 0.9997, True, "99.96%"), (99.97, 100, False, "99.97"),
        (7.126, 5, False, "7.13"), (60.0437, 60, False, "60.04"), (100, 100, False, "100"),
        (1.0004e-9, 1e-9, False, "1.0004e-9"),
    ],
)  # fmt: skip
def test_as_many_digits_as_tell(value: float, limit: float, percent: bool, words: str) -> None:
    """No fewer, and few more."""
    assert value_text(value, [limit], percent) == words


def test_noise_is_not_shown() -> None:
    """What a sum owes to rounding is no difference to its threshold."""
    assert value_text(0.1 + 0.2, [0.3], noise=1e-13) == "0.3"
    assert value_text(0.1 + 0.2, [0.3]) == "0.30000000000000004"


@pytest.mark.parametrize(
    ("limit", "percent", "words"),
    [
        (WrittenNumber(1.23e9, "1230000000"), False, "1230000000"), (1.23e9, False, "1230000000"),
        (WrittenNumber(0.014, "1.4 percent"), True, "1.4%"), (WrittenNumber(0.05, "5 %"), True, "5%"),
        (WrittenNumber(1e9, "1e9"), False, "1e9"), (0.007, True, "0.7%"), (1e-5, False, "0.00001"),
        (-10.5, False, "-10.5"), (WrittenNumber(20.0, "20 calls"), False, "20 calls"),
    ],
)  # fmt: skip
def test_a_threshold_stands_as_it_was_written(limit: float, percent: bool, words: str) -> None:
    """Where nobody wrote it, as the shortest decimal."""
    assert limit_text(limit, percent) == words


def test_what_is_not_of_now_says_of_when_it_is() -> None:
    """With the date, where the hour leaves the day open."""
    assert as_of("91 is above 90", 0, FRESH) == "91 is above 90"
    assert as_of("91 is above 90", 0, FRESH + 1) == "91 is above 90 (at 00:00 UTC)"
    assert as_of("91 is above 90", 0, 90_000_000) == "91 is above 90 (at 1970-01-01 00:00 UTC)"
    assert as_of("it is over", None, 90_000_000) == "it is over"
