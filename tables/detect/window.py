"""Level 4, windows in blocks: what a rule's function needs of the last `over`, in thirty buckets.

A bucket is a thirtieth of the window, at least a second; so a window reaches back between `over` less one
bucket and `over`. Each keeps one accumulated number (a sum, minimum or maximum) and a count; the steps of
counters are summed like values, resets already taken out.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from tables.detect.columns import NEVER, Array, grown, listed, named, pack, unpack
from tables.detect.tenancy import BLANK, Tenancy

SIZE = 128
BUCKETS = 30
_FILL = {"min": np.inf, "max": -np.inf}


def bucket_width(over: int) -> int:
    """Milliseconds of one bucket."""
    return max(1_000, -(-over // BUCKETS))


class WindowBlock:
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
        twin = type(self)()
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

    def put(self, slots: Array, at: int, width: int, function: str, amounts: Array) -> None:
        """Add one number to each slot's bucket of event time `at`; older buckets fall out."""
        number, fill = at // width, _FILL.get(function, 0.0)
        newest = self.newest[slots]
        behind = np.minimum(number - newest, BUCKETS)
        for back in range(int(behind.max(initial=0))):
            chosen = slots[behind > back]
            self.amount[chosen, (number - back) % BUCKETS] = fill
            self.count[chosen, (number - back) % BUCKETS] = 0.0
        self.newest[slots] = np.maximum(newest, number)
        known = slots[newest - number < BUCKETS]
        held, place = amounts[newest - number < BUCKETS], number % BUCKETS
        merge = {"min": np.minimum, "max": np.maximum}.get(function, np.add)
        self.amount[known, place] = merge(self.amount[known, place], held)
        self.count[known, place] += 1.0

    def read(self, slots: Array, at: int, width: int, buckets: int) -> tuple[Array, Array]:
        """The window that ends at event ms `at`: amounts and counts, both [n, 30], a count being 0 outside of it."""
        number, newest = at // width, self.newest[slots]
        places = np.arange(BUCKETS)
        numbers = newest[:, None] - (newest[:, None] - places[None, :]) % BUCKETS
        inside = (numbers > number - buckets) & (numbers <= number)
        return self.amount[slots], np.where(inside, self.count[slots], 0.0)

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


def value(function: str, amounts: Array, counts: Array, over: int) -> Array:
    """One number a slot from what `read` returned; NaN where the window is empty."""
    full = counts > 0
    empty = ~full.any(axis=1)
    if function in _FILL:
        reduced = np.where(full, amounts, _FILL[function])
        result = reduced.min(axis=1) if function == "min" else reduced.max(axis=1)
        return np.where(empty, np.nan, result)
    total, count = np.where(full, amounts, 0.0).sum(axis=1), counts.sum(axis=1)
    if function == "count":
        return np.asarray(count)
    if function == "avg":
        return np.asarray(total / np.where(empty, np.nan, count))
    total = total * (1_000.0 / over) if function == "rate" else total
    return np.where(empty, np.nan, total)
