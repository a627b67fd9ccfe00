"""What stages said twice, against the only excuse: a batch that was not written when its partition was taken over.

A partition's changelog holds a fence for each take-over and a head row for each write-out. An output that an input
caused may come once more for each fence between that input and the first head row that has seen it, and no more. An
owner that was paused may go on for a moment after it woke, with inputs that are newer than its successor's fence.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from tables.kernel.machine import FENCE, HEAD_KEY
from tests.chaos.ground import Dump, Record

Span = tuple[float, float]  # ms UTC


class Cause(NamedTuple):
    """The input that makes an output."""

    partition: int
    offset: int


class Repeats(NamedTuple):
    """`most_at_once`: repeated outputs at one take-over; `beyond`: those that no take-over explains."""

    take_overs: int
    most_at_once: int
    beyond: int


class _Life(NamedTuple):
    """A partition's fences (place in the changelog, ms) and write-outs (highest offset seen, place)."""

    fences: list[tuple[int, int]]
    seen: list[int]
    places: list[int]

    def between(self, begin: float, offset: int) -> list[int]:
        """The places of the fences from an instant, ms, to the write-out that has seen an input."""
        first = bisect_left(self.seen, offset)
        end = self.places[first] if first < len(self.places) else float("inf")
        return [place for place, at in self.fences if at >= begin and place < end]


def repeats(
    kept: tuple[Dump, Dump],
    copies: Iterable[tuple[Cause, int]],
    seen: Callable[[bytes], int],
    pauses: Sequence[Span] = (),
) -> Repeats:
    """`kept`: the stage's log and changelog; `copies`: how often an output of each cause came too often."""
    log, changelog = kept
    lives = {partition: _life(records, seen) for partition, records in changelog.items()}
    at_once, beyond = Counter[tuple[int, int]](), 0
    for cause, extra in copies:
        stamp = log[cause.partition][cause.offset].stamp
        begin = min([stamp, *(paused for paused, over in pauses if paused <= stamp <= over)])
        excuses = lives[cause.partition].between(begin, cause.offset)
        beyond += max(0, extra - len(excuses))
        at_once.update((cause.partition, place) for place in excuses[-extra:])
    return Repeats(sum(len(life.fences) for life in lives.values()), max(at_once.values(), default=0), beyond)


def _life(records: list[Record], seen: Callable[[bytes], int]) -> _Life:
    life, highest = _Life([], [], []), -1
    for place, record in enumerate(records):
        key = (record.key or b"").decode()
        if key == FENCE:
            life.fences.append((place, record.stamp))
        elif key == HEAD_KEY and record.value is not None and (now := seen(record.value)) > highest:
            highest = now
            life.seen.append(now)
            life.places.append(place)
    return life
