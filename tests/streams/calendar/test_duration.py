"""Lengths of time and shares, as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.calendar.duration import milliseconds, number, spell
from streams.errors import Refused


@given(st.integers(0, 10**12))
def test_round_trip(length: int) -> None:
    """What is spelled reads back exactly."""
    assert milliseconds(spell(length)) == length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90s", 90_000),
        ("1h30m", 5_400_000),
        ("0", 0),
        (" 2d ", 172_800_000),
        ("1.5s", 1_500),
        ("1w", 604_800_000),
    ],
)
def test_lengths(text: str, length: int) -> None:
    """Units stand side by side; a bare nought needs none."""
    assert milliseconds(text) == length


@pytest.mark.parametrize(
    "text", ["", "5", "5 m", "-5m", "5min", "m", "1h 30m", "1e3s", "५m", "9" * 400 + "d"]
)
def test_what_is_no_length_is_refused(text: str) -> None:
    """The refusal shows how a length is written."""
    with pytest.raises(Refused, match="write for instance 90s, 5m, 1h30m or 2d"):
        milliseconds(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5%", 0.05),
        ("5 %", 0.05),
        ("5 percent", 0.05),
        ("0.5", 0.5),
        ("-3", -3.0),
        ("20 calls", 20.0),
        ("1e3", 1000.0),
    ],
)
def test_numbers(text: str, value: float) -> None:
    """A share may be written as people say it; a unit behind a number is for the reader alone."""
    assert number(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "%", "x", "5%%", "1,5"])
def test_what_is_no_number_is_refused(text: str) -> None:
    """The refusal shows how a number is written."""
    with pytest.raises(Refused, match="is not a number"):
        number(text)
