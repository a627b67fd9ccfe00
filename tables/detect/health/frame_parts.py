"""Which parts of a frame have come, as ranges: in order, as they are sent, they are one."""

from __future__ import annotations

from collections.abc import Sequence

RANGES = (
    16  # of one frame; of parts that come more scattered the last are forgotten, and the frame waits its time
)
Ranges = list[list[int]]  # [first, last], both included


def add(seen: Sequence[list[int]], part: int) -> Ranges:
    """The ranges with one more part."""
    known = [list(known) for known in seen]
    merged: Ranges = []
    for first, last in sorted([*known, [part, part]]):
        if merged and first <= merged[-1][1] + 1:
            merged[-1][1] = max(last, merged[-1][1])
        else:
            merged.append([first, last])
    return merged[:RANGES]


def count(seen: Ranges) -> int:
    """How many parts they are."""
    return sum(last - first + 1 for first, last in seen)
