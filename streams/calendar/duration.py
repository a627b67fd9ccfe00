"""Lengths of time and shares as people write them: `90s`, `5m`, `1h30m`, `2d`; `5%`, `0.05`."""

from __future__ import annotations

import re
from decimal import Context, Decimal, InvalidOperation
from math import isfinite

from streams.errors import Refused

_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
LONGEST = 100  # characters of a length: nobody writes more, and each costs the search a little
_PART = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)(ms|s|m|h|d|w)")


def milliseconds(text: str) -> int:
    """`1h30m` → 5 400 000; Refused says how a length is written."""
    text = text.strip()
    parts = _PART.findall(text) if len(text) <= LONGEST else []
    if text == "0":
        return 0
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise Refused(f"{text!r:.60} is not a length of time: write for instance 90s, 5m, 1h30m or 2d")
    return round(sum(Decimal(number) * _UNITS[unit] for number, unit in parts))


def spell(length: int) -> str:
    """The shortest exact spelling: 5 400 000 → `1h30m`, 0 → `0s`."""
    words: list[str] = []
    for unit in ("d", "h", "m", "s", "ms"):
        count, length = divmod(length, _UNITS[unit])
        if count:
            words.append(f"{count}{unit}")
    return "".join(words) or "0s"


def number(text: str) -> float:
    """`5%` and `5 percent` → 0.05, `20 calls` → 20.0, each as the float nearest to what stands there.

    Refused shows what was read.
    """
    word = text.strip().partition(" ")[0]
    try:
        plain = Decimal(word.removesuffix("%"))
    except InvalidOperation:
        raise Refused(f"{text!r:.60} is not a number: write for instance 5, 0.5 or 5%") from None
    value = float(plain)
    if not is_share(text) or not isfinite(value):
        return value
    # moved by two places and only then rounded: 0.7 / 100 of floats is not the float that 0.007 is
    return float(plain.scaleb(-2, Context(prec=len(word) + 1)))


def is_share(text: str) -> bool:
    """Whether a number is written in per cent."""
    word, _, unit = text.strip().partition(" ")
    return word.endswith("%") or unit.strip() in ("%", "percent")
