"""The latest rows of a series as people see them: value, band and score, enough for a picture of an alert."""

from __future__ import annotations

import sys
from array import array
from typing import Any, NamedTuple, Self

from streams.errors import DamagedState

LONGEST = 60  # rows
WIDEST = 1e30
_BIG = sys.byteorder == "big"


class Point(NamedTuple):
    """One row: its instant, ms, its value and what was usual, in the signal's own unit, and how surprising it was."""

    at: int
    value: float
    low: float
    high: float
    score: float


def plain(number: float) -> float:
    """Six significant digits: what single precision holds, and short in a message."""
    return float(f"{number:.6g}")


class RecentPoints:
    """The latest points, the oldest first; numbers in single precision."""

    __slots__ = ("at", "numbers")

    def __init__(self) -> None:
        """No point yet."""
        self.at, self.numbers = array("q"), array("f")

    def add(self, point: Point) -> None:
        """Take a point; the oldest goes where there are too many."""
        self.at.append(point.at)
        numbers = point[1:]
        wide = max(numbers) > WIDEST or min(numbers) < -WIDEST
        self.numbers.extend([min(max(number, -WIDEST), WIDEST) for number in numbers] if wide else numbers)
        if len(self.at) > LONGEST:
            del self.at[0], self.numbers[:4]

    def points(self) -> list[Point]:
        """All of them."""
        return [Point(at, *self.numbers[4 * n : 4 * n + 4]) for n, at in enumerate(self.at)]

    def last(self) -> Point | None:
        """The newest, None where there is none."""
        return Point(self.at[-1], *self.numbers[-4:]) if self.at else None

    def encode(self) -> bytes:
        """A byte that counts them, then columns, little-endian."""
        return bytes([len(self.at)]) + _little(self.at) + _little(self.numbers)

    @classmethod
    def decode(cls, saved: bytes, at: int) -> tuple[Self, int]:
        """The trail that begins there, and where it ends; raises DamagedState."""
        count, end = saved[at] if at < len(saved) else LONGEST + 1, at + 1
        if count > LONGEST or end + 24 * count > len(saved):
            raise DamagedState("a trail that is cut short")
        trail = cls()
        trail.at.frombytes(saved[end : end + 8 * count])
        trail.numbers.frombytes(saved[end + 8 * count : end + 24 * count])
        if _BIG:  # pragma: no cover
            trail.at.byteswap()
            trail.numbers.byteswap()
        if not all(abs(number) <= WIDEST * 1.01 for number in trail.numbers):
            raise DamagedState("a trail with a number out of range")
        return trail, end + 24 * count


def _little(numbers: array[Any]) -> bytes:
    if _BIG:  # pragma: no cover
        numbers = array(numbers.typecode, numbers)
        numbers.byteswap()
    return numbers.tobytes()
