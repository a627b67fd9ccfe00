"""Values and thresholds as people read them: a value has as many digits as tell it from what it is compared with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from math import isfinite

from streams.limit import exact, positional

PREFIXES = (1e6, "M"), (1e9, "G"), (1e12, "T")
DIGITS = 17  # significant; no float has more
TELLING = Decimal("0.1")  # of the distance to what a value is compared with: rounding moves it by no more
TINY, HUGE = Decimal("1e-7"), Decimal("1e16")  # beyond them with an exponent
FRESH = 60_000  # ms; a value that is older is told with its time
SAME_DAY = 43_200_000  # ms; within so long the hour says which day is meant
Number = float | Decimal


def short(number: Number) -> str:
    """A number in three significant digits, without an exponent where possible: `3.06 M`."""
    rounded = float(f"{number:.3g}") + 0.0  # nobody writes −0
    for least, prefix in PREFIXES:
        if least <= abs(rounded) < 1_000 * least:
            return f"{rounded / least:.3g} {prefix}"
    return f"{number:.0f}" if 1_000 <= abs(rounded) < PREFIXES[0][0] else f"{rounded:.3g}"


def value_text(value: float, others: Iterable[float] = (), percent: bool = False, noise: float = 0.0) -> str:
    """A value in as few digits, three at least, as keep its place among the numbers that it is compared with.

    `noise`: how far, relative, it may lie beside the decimal that it stands for.
    """
    if not isfinite(value):
        return f"{value:g}"
    decimals = [_scaled(other, percent) for other in others if isfinite(other)]
    number = _scaled(value, percent)
    number = next((other for other in decimals if abs(number - other) <= abs(other) * Decimal(noise)), number)
    text = short(number) + "%" * percent
    if _tells(_read(number), number, decimals):
        return text
    for digits in range(4, DIGITS + 1):
        rounded = _rounded(number, digits)
        if _tells(rounded, number, decimals):
            return _plain(rounded) + "%" * percent
    return _plain(number) + "%" * percent


def as_of(text: str, valued_at: int | None, now: int, always: bool = False) -> str:
    """What is told at an instant of a value of another one, ms UTC: with its time, where it is not of now.

    `valued_at` None: the text holds no value, or says itself of when it is; `always`: even a value of now has it.
    """
    if valued_at is None or (now - valued_at <= FRESH and not always):
        return text
    return f"{text} (at {hour(valued_at, now)})"


def hour(at: int, now: int) -> str:
    """An instant, ms UTC, for a reader of now: `14:05 UTC`, with the date where the hour does not say which day."""
    layout = "%H:%M UTC" if abs(now - at) < SAME_DAY else "%Y-%m-%d %H:%M UTC"
    return datetime.fromtimestamp(at / 1_000, UTC).strftime(layout)


def _scaled(number: float, percent: bool) -> Decimal:
    decimal = exact(number)
    return decimal.scaleb(2) if percent else decimal


def _tells(shown: Decimal, number: Decimal, others: Iterable[Decimal]) -> bool:
    """Whether what is shown lies to all others as the number does, and about as far from them."""
    moved = abs(shown - number)
    return all(moved <= TELLING * abs(number - other) for other in others)


def _read(number: Decimal) -> Decimal:
    """What a reader takes the short text for."""
    shown = _rounded(number, 3)
    return number.quantize(Decimal(1), ROUND_HALF_EVEN) if 1_000 <= abs(shown) < PREFIXES[0][0] else shown


def _rounded(number: Decimal, digits: int) -> Decimal:
    return Context(prec=digits, rounding=ROUND_HALF_EVEN).plus(number)


def _plain(number: Decimal) -> str:
    if number and not TINY <= abs(number) < HUGE:
        return f"{number.normalize():e}"
    return positional(number)
