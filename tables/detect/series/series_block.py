"""Level `series`, in blocks: the last value of each watched series, and the step that led to it."""

from __future__ import annotations

from sys import intern
from typing import Any, Self

import numpy as np

from tables.detect.columns import NEVER, Array, grown, listed, named, pack, some, unpack
from tables.detect.series.digits import fell, freed
from tables.detect.series.slot_history import BLANK, SlotHistory
from tables.detect.series.slot_sources import SlotSources

SIZE = 256


class SeriesBlock:
    """`texts`: identity of each slot; `origins`: whose it is; `at`: event ms of its last value; `value`: float64.

    What was never heard has no time; where its value is not a number either, another source sent the series before, and
    what it shows first is a level.

    `marks`: (active, record time) of the rounds on which the block looked for series that have fallen silent.
    """

    __slots__ = ("at", "history", "marks", "origins", "texts", "value")

    def __init__(self) -> None:
        """An empty block."""
        self.texts: list[str] = []
        self.origins = SlotSources()
        self.history = BLANK
        self.marks: list[tuple[int, int]] = []
        self.at: Array = np.empty(0, dtype="<i8")
        self.value: Array = np.empty(0, dtype="<f8")

    def copy(self) -> Self:
        """An independent copy of the columns; the list of texts is shared until it grows."""
        twin = type(self).__new__(type(self))
        twin.texts, twin.at, twin.value = self.texts, self.at.copy(), self.value.copy()
        twin.history, twin.marks, twin.origins = self.history, self.marks, self.origins
        return twin

    def add(self, slot: int, text: str, source: str) -> None:
        """Give a new series its slot."""
        self.origins = self.origins.add(slot, source)
        self.texts = (
            [*self.texts, *[""] * (slot - len(self.texts)), text] if slot >= len(self.texts) else self.texts
        )
        self.at, self.value = grown(self.at, slot + 1, NEVER), grown(self.value, slot + 1, 0.0)

    def renew(self, slot: int, text: str) -> None:
        """Give a slot that was vacant to a series, which begins anew."""
        self.texts = [*self.texts[:slot], text, *self.texts[slot + 1 :]]
        self.at[slot], self.value[slot] = NEVER, 0.0

    def forget(self, slot: int) -> None:
        """Another source sends the series from now on: between its values and those of before there are no steps."""
        self.at[slot], self.value[slot] = NEVER, np.nan

    def update(
        self, slots: Array, at: int, values: Array, born: Array | bool, new: Array | None = None
    ) -> tuple[Array, Array]:
        """Take newer values; returns (which of `slots` were taken, the steps that led to their values).

        A step is the increase of a counter: a value below the last one, by more than rounding, is a reset and counts
        whole, and so does a first value of one that was `born` now; never what another source shows after the one
        before. `new`: those of which it is the first, where that is known.
        """
        first: Array = np.asarray(self.at[slots] == NEVER) if new is None else new
        steps = steps_of(values, self.value.take(slots), first, born)
        return self.put(slots, at, values), steps

    def put(self, slots: Array, at: int, values: Array, taken: Array | None = None) -> Array:
        """Take newer values, whatever led to them; returns which of `slots` were taken, `taken` where that is known."""
        taken = at > self.at.take(slots) if taken is None else taken
        if np.count_nonzero(taken) < len(taken):
            slots, values = slots[taken], values[taken]
        self.value[slots], self.at[slots] = values, at
        return taken

    def pack(self) -> tuple[Any, bytes]:
        """Texts as JSON, columns as bytes."""
        meta = {"texts": self.texts, "history": self.history.pack(), "marks": self.marks}
        meta |= self.origins.pack()
        return meta, pack([self.at, self.value])

    @classmethod
    def unpack(cls, meta: Any, raw: bytes) -> Self:
        """The inverse of `pack`."""
        block = cls()
        kept = named(meta)
        block.texts = [intern(str(text)) for text in listed(kept["texts"])]
        block.history = SlotHistory.unpack(kept.get("history"))
        block.marks = [(int(at), int(now)) for at, now in map(listed, listed(kept.get("marks", [])))]
        block.origins = SlotSources.unpack(kept)
        block.at, block.value = unpack(raw, len(block.texts), [("<i8", 1), ("<f8", 1)])
        return block


def steps_of(values: Array, last: Array, first: Array, born: Array | bool) -> Array:
    """By how much counters grew to their values from their last ones; see `SeriesBlock.update`."""
    grown_by = np.maximum(freed(values - last, np.abs(values)), 0.0)
    steps = np.where(fell(values, last), values, grown_by)
    if some(first):
        return np.where(first, np.where(born & ~np.isnan(last), values, 0.0), steps)
    return steps
