"""Which parts of a frame have come, as ranges: in order, as they are sent, they are one."""

from __future__ import annotations

# Of one frame; of parts that come more scattered the last are forgotten, and the frame waits its time.
RANGES = 16
Ranges = tuple[tuple[int, int], ...]  # first and last, both included


def add(seen: Ranges, part: int) -> Ranges:
    """The ranges with one more part."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted((*seen, (part, part))):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(last, merged[-1][1])
        else:
            merged.append((first, last))
    return tuple(merged[:RANGES])


def count(seen: Ranges) -> int:
    """How many parts they are."""
    return sum(last - first + 1 for first, last in seen)
