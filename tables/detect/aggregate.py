"""Level 4, windows in blocks: what a rule's function needs of the last `over`, in thirty buckets.

A bucket is a thirtieth of the window, at least a second; so a window reaches back between `over` less one
bucket and `over`. Each keeps one accumulated number (a sum, minimum or maximum) and a count; the steps of
counters are summed like values, resets already taken out. What a frame gives to windows of one block, and what
is read of them, is done for all rules at once: numpy's fixed cost is that of hundreds of numbers.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import numpy as np

from tables.detect.columns import NEVER, Array, grown, listed, named, pack, unpack
from tables.detect.tenancy import BLANK, Tenancy

SIZE = 128
BUCKETS = 30
FILL = {"min": np.inf, "max": -np.inf}  # what a bucket begins with, where that is not 0
_MERGE = {"min": np.minimum, "max": np.maximum}
_AGES: Array = (np.arange(BUCKETS)[:, None] - np.arange(BUCKETS)[None, :]) % BUCKETS  # by place of the newest


def bucket_width(over: int) -> int:
    """Milliseconds of one bucket."""
    return max(1_000, -(-over // BUCKETS))


class View(NamedTuple):
    """Windows of one block as one function sees them. By slot: ms of a bucket and of all (`over`), and how many."""

    function: str
    block: int
    slots: Array
    width: Array
    buckets: Array
    over: Array

    def only(self, chosen: Array) -> View:
        """Those of a mask."""
        if chosen.all():
            return self
        columns = (self.slots, self.width, self.buckets, self.over)
        return View(self.function, self.block, *(column[chosen] for column in columns))


class AggregateBlock:
    """`keys`: [rule, role, series text] of each slot; `newest`: its newest bucket's number; columns [slots, 30]."""

    __slots__ = ("amount", "count", "keys", "newest", "tenancy")

    def __init__(self) -> None:
        """An empty block."""
        self.keys: list[list[Any]] = []
        self.tenancy = BLANK
        self.newest: Array = np.empty(0, dtype="<i8")
        self.amount: Array = np.empty((0, BUCKETS), dtype="<f8")
        self.count: Array = np.empty((0, BUCKETS), dtype="<f8")

    def copy(self) -> Self:
        """An independent copy of the columns."""
        twin = type(self).__new__(type(self))
        twin.keys, twin.newest, twin.tenancy = self.keys, self.newest.copy(), self.tenancy
        twin.amount, twin.count = self.amount.copy(), self.count.copy()
        return twin

    def add(self, slot: int, key: list[Any]) -> None:
        """Give a series its window for one rule."""
        if slot >= len(self.keys):
            self.keys = [*self.keys, *[["", 0, ""]] * (slot - len(self.keys)), key]
        self.newest = grown(self.newest, slot + 1, NEVER)
        self.amount, self.count = grown(self.amount, slot + 1, 0.0), grown(self.count, slot + 1, 0.0)

    def renew(self, slot: int, key: list[Any]) -> None:
        """Give a slot that was vacant to a series, whose window begins empty."""
        self.keys = [*self.keys[:slot], key, *self.keys[slot + 1 :]]
        self.clear(np.array([slot]))

    def clear(self, slots: Array) -> None:
        """Forget what the slots held: their rule reads something else now."""
        self.newest[slots] = NEVER
        self.count[slots] = 0.0

    def put(self, view: View, at: int | Array, amounts: Array) -> None:
        """Add one number to each slot's bucket of event time `at` (by slot, or one); older buckets fall out."""
        slots, number = view.slots, at // view.width
        newest = self.newest[slots]
        late = number - newest
        if (ahead := int(late.max(initial=0))) > 0:
            self._move_on(view, number, late, min(ahead, BUCKETS))
            self.newest[slots] = np.maximum(newest, number)
        if late.min(initial=0) <= -BUCKETS:
            known = late > -BUCKETS
            slots, number, amounts = slots[known], number[known], amounts[known]
        cells = slots * BUCKETS + number % BUCKETS
        self.amount.put(cells, _MERGE.get(view.function, np.add)(self.amount.take(cells), amounts))
        self.count.put(cells, self.count.take(cells) + 1.0)

    def _move_on(self, view: View, number: Array, late: Array, ahead: int) -> None:
        for back in range(ahead):
            chosen = late > back
            cells = view.slots[chosen] * BUCKETS + (number[chosen] - back) % BUCKETS
            self.amount.put(cells, FILL.get(view.function, 0.0))
            self.count.put(cells, 0.0)

    def read(self, view: View, at: int) -> tuple[Array, Array]:
        """What the windows that end at event ms `at` hold, by slot: what was accumulated, and of how many numbers."""
        number, newest = at // view.width, self.newest[view.slots]
        amounts, counts = self.amount.take(view.slots, axis=0), self.count.take(view.slots, axis=0)
        if not ((newest == number) & (view.buckets == BUCKETS)).all():  # else no bucket lies outside
            ages, ahead = _AGES[newest % BUCKETS], (newest - number)[:, None]
            inside = (ages >= ahead) & (ages < ahead + view.buckets[:, None])
            amounts = np.where(inside, amounts, FILL.get(view.function, 0.0))
            counts = np.where(inside, counts, 0.0)
        return _MERGE.get(view.function, np.add).reduce(amounts, axis=1), counts.sum(axis=1)

    def pack(self) -> tuple[Any, bytes]:
        """Keys as JSON, columns as bytes."""
        meta = {"keys": self.keys, "tenancy": self.tenancy.pack()}
        return meta, pack([self.newest, self.amount, self.count])

    @classmethod
    def unpack(cls, meta: Any, raw: bytes) -> Self:
        """The inverse of `pack`."""
        block = cls()
        kept = named(meta, "keys")
        block.keys = [[str(rule), int(role), str(text)] for rule, role, text in listed(kept["keys"])]
        block.tenancy = Tenancy.unpack(kept.get("tenancy"))
        block.newest, block.amount, block.count = unpack(
            raw, len(block.keys), [("<i8", 1), ("<f8", BUCKETS), ("<f8", BUCKETS)]
        )
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
