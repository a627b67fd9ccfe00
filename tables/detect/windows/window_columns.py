"""Windows as columns: numbers go into their buckets, and what windows hold is read of them; for many at once.

A bucket is a thirtieth of the window, at least a second. Each keeps one accumulated number (a sum, minimum or maximum),
a count, and when the latest number came: the bucket in which the window begins counts where that lies within `over`.
So a window is never shorter than `over`, wherever absolute time falls, and longer only by what came together with
something within it, by less than a bucket. The steps of counters are summed like values, resets already taken out.

Buckets are added up from the oldest to the newest, but for the first one, which comes last: what lies between the first
and the newest stays as it is until the next bucket begins.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tables.detect.aggregate.distribution import QUANTILE, STDDEV, joined, of_samples, share
from tables.detect.aggregate.view import BUCKETS, FILL, MERGE, RING, SIGNED, View, folded, freed_sums, merged
from tables.detect.columns import NEVER, Array, some

COLUMNS = ("amount", "count", "latest", "newest", "since", "square")
Mask = Array | np.bool[bool]
_AGES: Array = np.arange(RING)[::-1, None]  # of buckets, the oldest first


class Between(NamedTuple):
    """What the buckets of windows hold but for the newest and the first, by slot.

    `magnitude`: what lies below nought turned round; `below`: where something does. Only of functions that ask.
    """

    amounts: Array
    counts: Array
    magnitude: Array
    below: Array


class WindowColumns:
    """Windows by slot.

    `newest`: its newest bucket's number; `since`: event ms of its first number, also of one after a time without any.
    By bucket and slot, [31, slots]: `amount`, `count`; `latest`, ms from a bucket's beginning to its
    latest number; `square`, squared deviations from a bucket's mean, no columns where nobody asks.
    """

    __slots__ = COLUMNS
    amount: Array
    count: Array
    latest: Array
    newest: Array
    since: Array
    square: Array

    def blank(self, size: int) -> None:
        """So many empty windows."""
        self.newest, self.since = np.full(size, NEVER, dtype="<i8"), np.full(size, NEVER, dtype="<i8")
        self.amount, self.count = np.zeros((RING, size), dtype="<f8"), np.zeros((RING, size), dtype="<f8")
        self.latest, self.square = np.zeros((RING, size), dtype="<i4"), np.zeros((RING, 0), dtype="<f4")

    def columns(self) -> list[Array]:
        """All of them."""
        return [getattr(self, name) for name in COLUMNS]

    def before(self, column: Array, cells: Array, held: Array | None = None) -> None:
        """Cells of a column are about to be written; `held`: what they hold, where that is known."""

    def last(self, view: View) -> Array:
        """Event ms of the latest number of each window; long ago where it has none."""
        newest = self.newest.take(view.slots)
        last = newest * view.width + self.latest.take(newest % RING * len(self.newest) + view.slots)
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
        cells: Array = number % RING * len(self.newest) + slots
        if some(late):
            numbers, within = np.broadcast_to(number, slots.shape), np.broadcast_to(within, slots.shape)
            if (ahead := int(late.max())) > 0:
                returned = self._returned(view, at, late, usual)
                self._move_on(view, numbers, late, min(ahead, RING))
                self._write(self.newest, slots, np.maximum(newest, number), newest)
                if some(returned):
                    begun = np.broadcast_to(at, slots.shape)[returned]
                    self._write(self.since, slots[returned], begun)
            if ahead > -NEVER // 2:
                first = newest == NEVER
                amounts = amounts if levels is None else np.where(first & levels, 0.0, amounts)
            if late.min() <= -RING:
                known = late > -RING
                cells, amounts, within = cells[known], amounts[known], within[known]
        if view.function == STDDEV:
            self._deviate(view, cells, amounts)
        held, latest = self.amount.take(cells), self.latest.take(cells)
        self._write(self.amount, cells, merged(view.function, held, amounts), held)
        held = self.count.take(cells)
        self._write(self.count, cells, held + 1.0, held)
        self._write(self.latest, cells, np.maximum(latest, within) if again else within, latest)

    def _write(self, column: Array, cells: Array, values: Array | float, held: Array | None = None) -> None:
        self.before(column, cells, held)
        column.put(cells, values)

    def _returned(self, view: View, at: int | Array, late: Array, usual: float) -> Array:
        """Which windows begin anew: they are first filled, or had become empty since their series was absent."""
        returned = late >= view.buckets
        if some(returned):
            silent = at - self.last(view)
            returned &= (silent >= view.over) & (silent > usual)
        return np.asarray(returned)

    def squares(self, view: View | None) -> Array:  # noqa: ARG002 a bank tells the blocks of these
        """The column of squared deviations, to be written to for these windows."""
        if self.square.shape[1] < len(self.newest):
            self.square = np.zeros(self.amount.shape, dtype="<f4")
        return self.square

    def _deviate(self, view: View, cells: Array, values: Array) -> None:
        """What values add to the squared deviations of their buckets; before they are added up."""
        square, number = self.squares(view), self.count.take(cells)
        apart = values - self.amount.take(cells) / np.where(number > 0, number, 1.0)
        before = np.where(number > 0, square.take(cells), 0.0)
        self._write(square, cells, before + apart**2 * (number / (number + 1.0)))

    def _move_on(self, view: View, number: Array, late: Array, ahead: int) -> None:
        for back in range(ahead):
            chosen = late > back
            cells = (number[chosen] - back) % RING * len(self.newest) + view.slots[chosen]
            self._write(self.amount, cells, FILL.get(view.function, 0.0))
            self._write(self.count, cells, 0.0)
            self._write(self.latest, cells, 0)

    def read(self, view: View, at: int) -> tuple[Array, Array]:
        """What the windows that end at event ms `at` hold, by slot: what was accumulated, and of how many numbers."""
        whole = view.function == STDDEV or view.function.startswith(QUANTILE)
        if view.even and not whole and not some(self.newest.take(view.slots) != at // view.even):
            return self._read_even(view, at)
        inside, cells = self._inside(view, at)
        fill = FILL.get(view.function, 0.0)
        amounts = np.where(inside, self.amount.take(cells), fill)
        counts = np.where(inside, self.count.take(cells), 0.0)
        number = folded(np.add, counts[1:-1]) + counts[-1] + counts[0]
        if view.function == STDDEV:
            squares = self.square.take(cells) if self.square.shape[1] else np.zeros(cells.shape)
            squares = np.where(counts > 0, squares, 0.0)
            return joined(*(np.ascontiguousarray(rows.T) for rows in (amounts, counts, squares))), number
        if whole:
            return of_samples(
                share(view.function) or 0.0, np.ascontiguousarray(amounts.T), np.ascontiguousarray(counts.T)
            ), number
        merge = MERGE.get(view.function, np.add)
        between = _between(view.function, amounts[1:-1], counts[1:-1])
        held = merge(merge(between.amounts, amounts[-1]), amounts[0])
        held = freed_sums(view.function, held, between.magnitude, between.below, amounts[-1], amounts[0])
        return held, number

    def _read_even(self, view: View, at: int) -> tuple[Array, Array]:
        """The same where all have their newest bucket at that instant: only the first one may lie outside."""
        number, slots, fill = at // view.even, view.slots, FILL.get(view.function, 0.0)
        newest, first = number % RING, (number - BUCKETS) % RING
        inside = self.latest[first].take(slots) > at % view.even
        between = self.between(view, number)
        amounts, oldest = self.amount[newest].take(slots), self.amount[first].take(slots)
        counts = between.counts + self.count[newest].take(slots)
        oldest = np.where(inside, oldest, fill)
        counts += np.where(inside, self.count[first].take(slots), 0.0)
        merge = MERGE.get(view.function, np.add)
        held = merge(merge(between.amounts, amounts), oldest)
        return freed_sums(view.function, held, between.magnitude, between.below, amounts, oldest), counts

    def between(self, view: View, number: int) -> Between:
        """What lies between the first bucket and the newest, of windows whose newest one has this number."""
        order = np.arange(number - BUCKETS + 1, number) % RING
        cells = order[:, None] * len(self.newest) + view.slots
        return _between(view.function, self.amount.take(cells), self.count.take(cells))

    def _inside(self, view: View, at: int) -> tuple[Array, Array]:
        """Which buckets lie within the windows that end at an instant, and their cells; [31, n], the oldest first."""
        number, begin, newest = at // view.width, at - view.over, self.newest.take(view.slots)
        bucket = number - _AGES
        cells: Array = bucket % RING * len(self.newest) + view.slots
        held = (bucket <= newest) & (bucket > newest - RING)
        # buckets that lie within a window as a whole
        whole = number - begin // view.width if view.edge else view.buckets
        inside: Array = whole > _AGES
        if view.edge:
            inside = inside | ((whole == _AGES) & (self.latest.take(cells) > begin % view.width))
        return held & inside, cells


def _between(function: str, amounts: Array, counts: Array) -> Between:
    """[29, n] → by slot."""
    sums = magnitude = folded(MERGE.get(function, np.add), amounts)
    below: Array = np.empty(0, dtype=bool)
    if function in SIGNED:
        below = np.asarray((amounts < 0).any(axis=0))
        magnitude = folded(np.add, np.abs(amounts)) if some(below) else sums
    return Between(sums, folded(np.add, counts), magnitude, below)
