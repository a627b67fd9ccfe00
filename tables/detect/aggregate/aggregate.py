"""Level `aggregate`, windows in blocks: what a rule's function needs of the last `over`, in buckets.

A bucket is a thirtieth of the window, at least a second. Each keeps one accumulated number (a sum, minimum or maximum),
a count, and when the latest number came: the bucket in which the window begins counts where that lies within `over`.
So a window is never shorter than `over`, wherever absolute time falls, and longer only by what came together with
something within it, by less than a bucket. The steps of counters are summed like values, resets already taken out. What
a frame gives to windows of one block, and what is read of them, is done for all rules at once: numpy's fixed cost is
that of hundreds of numbers.
"""

from __future__ import annotations

from sys import intern
from typing import Any, Self

import numpy as np

from tables.detect.aggregate.distribution import QUANTILE, STDDEV, joined, of_samples, share
from tables.detect.aggregate.view import BUCKETS, FILL, RING, View, merged, reduced
from tables.detect.columns import NEVER, Array, grown, listed, named, pack, some, unpack
from tables.detect.series.slot_history import BLANK, SlotHistory

SIZE = 128
_AGES: Array = (np.arange(RING)[:, None] - np.arange(RING)[None, :]) % RING  # by place of the newest


Mask = Array | np.bool[bool]


class AggregateBlock:
    """`keys`: [rule, role, series text] of each slot; `newest`: its newest bucket's number; columns [slots, 31].

    `since`: event ms of the first number that a slot got, also after its window had become empty; `latest`: ms from a
    bucket's beginning to its latest number.

    `square`: squared deviations from a bucket's mean; `torn`: event ms of the number before which the slot's window
    lacks something; no columns where no window of the block needs them.
    """

    __slots__ = ("amount", "count", "history", "keys", "latest", "newest", "since", "square", "torn")

    def __init__(self) -> None:
        """An empty block."""
        self.keys: list[list[Any]] = []
        self.history = BLANK
        self.newest: Array = np.empty(0, dtype="<i8")
        self.since: Array = np.empty(0, dtype="<i8")
        self.amount: Array = np.empty((0, RING), dtype="<f8")
        self.count: Array = np.empty((0, RING), dtype="<f8")
        self.latest: Array = np.empty((0, RING), dtype="<i4")
        self.square: Array = np.empty((0, RING), dtype="<f4")
        self.torn: Array = np.empty(0, dtype="<i8")

    def copy(self) -> Self:
        """An independent copy of the columns."""
        twin = type(self).__new__(type(self))
        twin.keys, twin.newest, twin.history = self.keys, self.newest.copy(), self.history
        twin.amount, twin.count = self.amount.copy(), self.count.copy()
        twin.square, twin.latest = self.square.copy(), self.latest.copy()
        twin.since, twin.torn = self.since, self.torn  # they are replaced where they change
        return twin

    def add(self, slot: int, key: list[Any]) -> None:
        """Give a series its window for one rule."""
        if slot >= len(self.keys):
            self.keys = [*self.keys, *[["", 0, ""]] * (slot - len(self.keys)), key]
        self.newest = grown(self.newest, slot + 1, NEVER)
        self.amount, self.count = grown(self.amount, slot + 1, 0.0), grown(self.count, slot + 1, 0.0)
        self.since, self.latest = grown(self.since, slot + 1, NEVER), grown(self.latest, slot + 1, 0)

    def renew(self, slot: int, key: list[Any]) -> None:
        """Give a slot that was vacant to a series, whose window begins empty."""
        self.keys = [*self.keys[:slot], key, *self.keys[slot + 1 :]]
        self.clear(np.array([slot]))

    def clear(self, slots: Array) -> None:
        """Forget what the slots held: their rule reads something else now."""
        self.newest[slots] = NEVER
        self.count[slots] = 0.0
        if len(self.torn):
            self.tear(slots, NEVER)

    def tear(self, slots: Array, at: int) -> None:
        """Before the number of event ms `at` these windows lack something."""
        self.torn = grown(self.torn, len(self.newest), NEVER).copy()
        self.torn[slots] = at

    def begun(self, slots: Array) -> Array:
        """Event ms since which each window has been filled by its series, and lacks nothing."""
        since = self.since.take(slots)
        return since if not len(self.torn) else np.maximum(since, self.torn_at(slots))

    def torn_at(self, slots: Array) -> Array:
        """Event ms before which each window lacks something; NEVER where it does not."""
        return grown(self.torn, len(self.newest), NEVER).take(slots)

    def last(self, view: View) -> Array:
        """Event ms of the latest number of each window; long ago where it has none."""
        newest = self.newest.take(view.slots)
        last = newest * view.width + self.latest.take(view.slots * RING + newest % RING)
        return np.asarray(np.where(newest == NEVER, NEVER, last))

    def put(
        self,
        view: View,
        at: int | Array,
        amounts: Array,
        levels: Mask | None = None,
        again: bool = False,
        usual: float = 0,
    ) -> None:
        """Add one number to each slot's bucket of event time `at` (by slot, or one); older buckets fall out.

        `levels`: by slot, whether what comes first is no amount but a level; `again`: numbers may come out of order;
        `usual`: ms, after so long without a number a slot's series was absent.
        """
        slots, width = view.slots, view.even or view.width
        number, newest = at // width, self.newest.take(slots)
        late, within = number - newest, at - number * width
        cells: Array = slots * RING + number % RING
        if some(late):
            numbers, within = np.broadcast_to(number, slots.shape), np.broadcast_to(within, slots.shape)
            if (ahead := int(late.max())) > 0:
                returned = self._returned(view, at, late, usual)
                self._move_on(view, numbers, late, min(ahead, RING))
                self.newest[slots] = np.maximum(newest, number)
                if some(returned):
                    self.since = self.since.copy()
                    self.since[slots[returned]] = np.broadcast_to(at, slots.shape)[returned]
            if ahead > -NEVER // 2:
                first = newest == NEVER
                amounts = amounts if levels is None else np.where(first & levels, 0.0, amounts)
            if late.min() <= -RING:
                known = late > -RING
                cells, amounts, within = cells[known], amounts[known], within[known]
        if view.function == STDDEV:
            self._deviate(cells, amounts)
        self.amount.put(cells, merged(view.function, self.amount.take(cells), amounts))
        self.count.put(cells, self.count.take(cells) + 1.0)
        self.latest.put(cells, np.maximum(self.latest.take(cells), within) if again else within)

    def _returned(self, view: View, at: int | Array, late: Array, usual: float) -> Array:
        """Which windows begin anew: they are first filled, or had become empty since their series was absent."""
        returned = late >= view.buckets
        if some(returned):
            silent = at - self.last(view)
            returned &= (silent >= view.over) & (silent > usual)
        return np.asarray(returned)

    def _deviate(self, cells: Array, values: Array) -> None:
        """What values add to the squared deviations of their buckets; before they are added up."""
        self.square = grown(self.square, len(self.newest), 0.0)
        number = self.count.take(cells)
        apart = values - self.amount.take(cells) / np.where(number > 0, number, 1.0)
        before = np.where(number > 0, self.square.take(cells), 0.0)
        self.square.put(cells, before + apart**2 * (number / (number + 1.0)))

    def _move_on(self, view: View, number: Array, late: Array, ahead: int) -> None:
        for back in range(ahead):
            chosen = late > back
            cells = view.slots[chosen] * RING + (number[chosen] - back) % RING
            self.amount.put(cells, FILL.get(view.function, 0.0))
            self.count.put(cells, 0.0)
            self.latest.put(cells, 0)

    def read(self, view: View, at: int) -> tuple[Array, Array]:
        """What the windows that end at event ms `at` hold, by slot: what was accumulated, and of how many numbers."""
        newest = self._of(view, self.newest)
        amounts, counts = self._of(view, self.amount), self._of(view, self.count)
        if view.even and not some(newest != at // view.even):
            # only the bucket in which they begin may lie outside
            place = (at // view.even - BUCKETS) % RING
            outside = self._of(view, self.latest[:, place]) <= at % view.even
            if some(outside):
                amounts, counts = amounts.copy(), counts.copy()
                amounts[outside, place], counts[outside, place] = FILL.get(view.function, 0.0), 0.0
        else:
            inside = self._inside(view, at, newest)
            amounts = np.where(inside, amounts, FILL.get(view.function, 0.0))
            counts = np.where(inside, counts, 0.0)
        number = np.add.reduce(counts, axis=1)
        if view.function == STDDEV:
            squares = grown(self.square, len(self.newest), 0.0).take(view.slots, axis=0)
            return joined(amounts, counts, np.where(counts > 0, squares, 0.0)), number
        if view.function.startswith(QUANTILE):
            return of_samples(share(view.function) or 0.0, amounts, counts), number
        return reduced(view.function, amounts), number

    def _of(self, view: View, column: Array) -> Array:
        """Of a column what belongs to the windows, to be read only."""
        if view.run >= 0:
            return column[view.run : view.run + len(view.slots)]
        return column.take(view.slots, axis=0)

    def _inside(self, view: View, at: int, newest: Array) -> Array:
        """Which cells lie within the windows that end at an instant."""
        number = at // view.width
        begin, ages = at - view.over, _AGES[newest % RING] - (newest - number)[:, None]
        # buckets that lie within a window as a whole
        whole = number - begin // view.width if view.edge else view.buckets
        inside: Array = (ages >= 0) & (ages < whole[:, None])
        if view.edge:
            latest = self.latest.take(view.slots, axis=0)
            inside |= (ages == whole[:, None]) & (latest > (begin % view.width)[:, None])
        return np.asarray(inside)

    def pack(self) -> tuple[Any, bytes]:
        """Keys as JSON, columns as bytes."""
        meta: dict[str, Any] = {"keys": self.keys, "history": self.history.pack()}
        columns = [self.newest, self.since, self.amount, self.count, self.latest]
        if len(self.square):
            meta["square"] = True
            columns.append(grown(self.square, len(self.newest), 0.0))
        if len(self.torn):
            meta["torn"] = True
            columns.append(grown(self.torn, len(self.newest), NEVER))
        return meta, pack(columns)

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
        block.newest, block.since, block.amount, block.count, block.latest, *more = unpack(
            raw, len(block.keys), shapes
        )
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
