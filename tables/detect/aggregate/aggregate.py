"""Level `aggregate`, windows in blocks: what a rule's function needs of the last `over`, in buckets.

What a frame gives to the windows of a gateway, and what is read of them, is done for all blocks at once
(see `tables.detect.windows.window_bank`): numpy's fixed cost is that of hundreds of numbers.
"""

from __future__ import annotations

from sys import intern
from typing import Any, Self

import numpy as np

from tables.detect.aggregate.view import RING, View
from tables.detect.columns import NEVER, Array, grown, listed, named, pack, room, unpack
from tables.detect.series.slot_history import BLANK, SlotHistory
from tables.detect.windows.window_columns import COLUMNS, Mask, WindowColumns

SIZE = 128


class AggregateBlock(WindowColumns):
    """`keys`: [rule, role, series text] of each slot; `torn`: event ms before which a slot's window lacks something.

    `bank`: what holds its columns together with those of other blocks, and undoes what it writes; None where they are
    the block's own or, unless they are `mine`, shared with copies of it until one of them is written to.
    """

    __slots__ = ("bank", "history", "keys", "mine", "torn")

    def __init__(self) -> None:
        """An empty block."""
        self.keys: list[list[Any]] = []
        self.history = BLANK
        self.blank(0)
        self.torn: Array = np.empty(0, dtype="<i8")
        self.bank: object = None
        self.mine = True

    def copy(self) -> Self:
        """An independent copy: columns are shared until one of the two writes to them."""
        twin = type(self).__new__(type(self))
        twin.keys, twin.history = self.keys, self.history
        twin.amount, twin.count, twin.latest = self.amount, self.count, self.latest
        twin.newest, twin.since, twin.square = self.newest, self.since, self.square
        twin.torn, twin.bank = self.torn, self.bank
        twin.mine = self.mine = False
        return twin

    def own(self) -> None:
        """Make the columns independent before they are written to."""
        if self.bank is not None or not self.mine:
            for name in COLUMNS:
                setattr(self, name, getattr(self, name).copy())
            self.bank, self.mine = None, True

    def add(self, slot: int, key: list[Any]) -> None:
        """Give a series its window for one rule."""
        if slot >= len(self.keys):
            self.keys = [*self.keys, *[["", 0, ""]] * (slot - len(self.keys)), key]
        if slot < len(self.newest):
            return  # columns grow by many entries at a time
        self.own()
        before = self.columns()
        self.blank(room(slot + 1))
        for name, column in zip(COLUMNS, before, strict=True):
            if count := column.shape[-1]:
                wide = self.squares(None) if name == "square" else getattr(self, name)
                wide[..., :count] = column

    def renew(self, slot: int, key: list[Any]) -> None:
        """Give a slot that was vacant to a series, whose window begins empty."""
        self.keys = [*self.keys[:slot], key, *self.keys[slot + 1 :]]
        self.clear(np.array([slot]))

    def clear(self, slots: Array) -> None:
        """Forget what the slots held: their rule reads something else now."""
        self.own()
        self.newest[slots] = NEVER
        self.count[:, slots] = 0.0
        if len(self.torn):
            self.tear(slots, NEVER)

    def tear(self, slots: Array, at: int) -> None:
        """Before the number of event ms `at` these windows lack something."""
        self.torn = grown(self.torn, room(len(self.keys)), NEVER).copy()
        self.torn[slots] = at
        self.own()

    def put(
        self,
        view: View,
        at: int | Array,
        amounts: Array,
        levels: Mask | None = None,
        again: bool = False,
        usual: float = 0,
    ) -> None:
        """As of all windows."""
        self.own()
        super().put(view, at, amounts, levels, again, usual)

    def pack(self) -> tuple[Any, bytes]:
        """Keys as JSON, columns as bytes, slot by slot."""
        meta: dict[str, Any] = {"keys": self.keys, "history": self.history.pack()}
        size = room(len(self.keys))
        columns = [self.newest, self.since, self.amount, self.count, self.latest]
        if self.square.shape[1]:
            meta["square"] = True
            columns.append(self.square)
        if len(self.torn):
            meta["torn"] = True
            columns.append(grown(self.torn, size, NEVER))
        return meta, pack([column[..., :size].T for column in columns])

    @classmethod
    def unpack(cls, meta: Any, raw: bytes) -> Self:
        """The inverse of `pack`."""
        block = cls()
        kept = named(meta)
        block.keys = [
            [intern(str(rule)), int(role), intern(str(text))] for rule, role, text in listed(kept["keys"])
        ]
        block.history = SlotHistory.unpack(kept.get("history"))
        shapes = [("<i8", 1), ("<i8", 1), ("<f8", RING), ("<f8", RING), ("<i4", RING)]
        shapes += [("<f4", RING)] * bool(kept.get("square")) + [("<i8", 1)] * bool(kept.get("torn"))
        columns = [np.ascontiguousarray(column.T) for column in unpack(raw, len(block.keys), shapes)]
        block.newest, block.since, block.amount, block.count, block.latest, *more = columns
        block.torn = more.pop() if kept.get("torn") else block.torn
        block.square = more.pop() if kept.get("square") else block.square
        return block


def value(view: View, amounts: Array, counts: Array) -> Array:
    """One number a slot from what `read` returned; NaN where the window is empty."""
    if view.function == "count":
        return counts
    full = counts > 0
    if view.function == "avg":
        amounts = amounts / np.where(full, counts, 1.0)
    elif view.function == "rate":
        amounts = amounts * (1_000.0 / view.over)
    return np.where(full, amounts, np.nan)
