"""Level `departed`: counters of a gateway that were forgotten: one that comes back within a month is not born anew.

Of each only a mark is kept, and of the newest few thousand only. A replay may meet a row that is newer than the
message: so what makes room leaves an offset, and goes a while later.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self
from zlib import crc32

import numpy as np

from tables.detect.columns import Array, named, pack, room, unpack
from tables.detect.series.slot_history import Terms

MOST = 4_000  # marks of a gateway: its row stays below the largest
STAYS = 2**62  # the offset at which a mark makes room that has not yet


class DepartedBlock:
    """Columns: `marks` of texts, `at` (active ms of the leaving), `gone` (the offset from which it is forgotten)."""

    __slots__ = ("at", "gone", "marks")

    def __init__(self) -> None:
        """Nothing has left."""
        self.marks: Array = np.empty(0, dtype="<u4")
        self.at: Array = np.empty(0, dtype="<i8")
        self.gone: Array = np.empty(0, dtype="<i8")

    def copy(self) -> Self:
        """Columns are replaced, never changed in place, but for what makes room."""
        twin = type(self)()
        twin.marks, twin.at, twin.gone = self.marks, self.at, self.gone.copy()
        return twin

    def add(self, texts: Iterable[str], offset: int, active: int, terms: Terms) -> None:
        """These series leave at an instant; what has been remembered for long enough goes, and the oldest make room."""
        marks = np.array([_mark(text) for text in texts], dtype="<u4")
        old, resting = self.at <= active - terms.departed - terms.rest, self.at > active - terms.rest
        stays = ~old & ((self.gone == STAYS) | resting)
        self.marks = np.concatenate([self.marks[stays], marks])
        self.at = np.concatenate([self.at[stays], np.full(len(marks), active)])
        self.gone = np.concatenate([self.gone[stays], np.full(len(marks), STAYS)])
        living = np.flatnonzero(self.gone == STAYS)
        self.gone[living[: max(0, len(living) - MOST)]] = offset

    def has(self, text: str, offset: int, since: int) -> bool:
        """Whether the series has left since an active instant, seen from the message of an offset."""
        known = self.marks == _mark(text)
        return bool((known & (self.gone >= offset) & (self.at > since)).any())

    def pack(self) -> tuple[Any, bytes]:
        """How many they are as JSON, columns as bytes."""
        size = room(len(self.marks)) - len(self.marks)
        columns = [np.pad(column, (0, size)) for column in (self.marks, self.at, self.gone)]
        return {"count": len(self.marks)}, pack(columns)

    @classmethod
    def unpack(cls, meta: Any, raw: bytes) -> Self:
        """The inverse of `pack`."""
        block, count = cls(), int(named(meta)["count"])
        columns = unpack(raw, count, [("<u4", 1), ("<i8", 1), ("<i8", 1)])
        block.marks, block.at, block.gone = (column[:count] for column in columns)
        return block


def _mark(text: str) -> int:
    return crc32(text.encode(errors="replace"))
