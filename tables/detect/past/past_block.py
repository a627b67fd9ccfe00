"""Level `past`: what the windows of some instances held, once a step, for as long as something is compared with it.

A row holds the steps of one stretch of time, so that a step costs what came in it and not a week. It is written once a
step, and dies when nothing can be compared with it any more; where it is used again by then, for a later stretch, it
begins anew. Whoever has a slot after another does not see what that one's windows held: each value bears a mark.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from streams.documents.conditions.compared import DAY, HOUR, STEPS, WEEK
from streams.errors import DamagedState
from tables.detect.block_key import PAST
from tables.detect.columns import Array, named
from tables.kernel.level import Level

STRETCH = 24  # steps in a row
LENGTHS = (HOUR, DAY, WEEK)  # ms; how far back something is compared
PLACES = 32  # numbers that rows of one length and one block of instances may have
# Rows that hold all steps which can still be compared with, the first and the last of them in part.
ROUND = {length: -(-(length // STEPS[length] + 1) // STRETCH) + 1 for length in LENGTHS}
MOST = 100_000 // (len(LENGTHS) * PLACES)  # blocks of instances that have a past: a key has five digits
_NONE = -1


class PastBlock:
    """`stretch`: which one it holds, in stretches since 1970; `length`: ms back that it is for.

    `slots`: of instances, sorted; `marks`: whose values they are; `values`: [slots, steps], NaN where not known.
    """

    __slots__ = ("length", "marks", "slots", "stretch", "values")

    def __init__(self) -> None:
        """An empty block."""
        self.begin(HOUR, _NONE)

    def begin(self, length: int, stretch: int) -> None:
        """Hold another stretch, of which nothing is known yet."""
        self.length, self.stretch = length, stretch
        self.slots: Array = np.empty(0, dtype="<i4")
        self.marks: Array = np.empty(0, dtype="<u8")
        self.values: Array = np.empty((0, STRETCH), dtype="<f8")

    def copy(self) -> Self:
        """An independent copy; columns are replaced, never changed in place."""
        twin = type(self).__new__(type(self))
        for name in PastBlock.__slots__:
            setattr(twin, name, getattr(self, name))
        return twin

    def put(self, slots: Array, marks: tuple[Array, Array], place: int, values: Array) -> None:
        """What windows hold at a step, by slot. `marks`: as they are written, and as they were."""
        every = np.union1d(self.slots, slots).astype("<i4")
        kept, known = np.searchsorted(every, self.slots), np.searchsorted(every, slots)
        stretch, whose = np.full((len(every), STRETCH), np.nan), np.zeros(len(every), dtype="<u8")
        stretch[kept], whose[kept] = self.values, self.marks
        another = (whose[known] != marks[0]) & (whose[known] != marks[1])
        stretch[known[another]] = np.nan  # it had the slot
        stretch[known, place], whose[known] = values, marks[0]
        self.slots, self.marks, self.values = every, whose, stretch

    def read(self, slots: Array, marks: tuple[Array, Array], place: int) -> Array:
        """What the windows of slots held at a step; NaN where that is not known. `marks`: as for `put`."""
        if not len(self.slots):
            return np.full(len(slots), np.nan)
        where = np.minimum(np.searchsorted(self.slots, slots), len(self.slots) - 1)
        whose = self.marks[where]
        mine = (self.slots[where] == slots) & ((whose == marks[0]) | (whose == marks[1]))
        return np.where(mine, self.values[where, place], np.nan)

    def pack(self) -> tuple[Any, bytes]:
        """Which stretch as JSON, columns as bytes."""
        meta = {"length": self.length, "stretch": self.stretch, "slots": len(self.slots)}
        return meta, b"".join(column.tobytes() for column in (self.slots, self.marks, self.values))

    @classmethod
    def unpack(cls, meta: Any, raw: bytes) -> Self:
        """The inverse of `pack`."""
        block, kept = cls(), named(meta)
        block.begin(int(kept["length"]), int(kept["stretch"]))
        count = int(kept["slots"])
        if block.length not in STEPS or len(raw) != count * (4 + 8 + 8 * STRETCH):
            raise DamagedState(f"the past of {count} instances is not {len(raw)} bytes")
        block.slots = np.frombuffer(raw, dtype="<i4", count=count)
        block.marks = np.frombuffer(raw, dtype="<u8", count=count, offset=4 * count)
        block.values = np.frombuffer(raw, dtype="<f8", offset=12 * count).reshape(count, STRETCH)
        return block


def number_of_row(block: int, length: int, stretch: int) -> int:
    """The number of the row that holds a stretch of a block of instances."""
    return (block * len(LENGTHS) + LENGTHS.index(length)) * PLACES + stretch % ROUND[length]


def deadline(block: PastBlock) -> int | None:
    """When nothing can be compared with it any more, ms UTC; None where it holds nothing."""
    if block.stretch == _NONE:
        return None
    step = STEPS[block.length]
    return ((block.stretch + 1) * STRETCH + 2) * step + block.length


PAST_LEVEL: Level[PastBlock] = Level(PAST, PastBlock, deadline, wall=True)
