"""The windows of all blocks of a gateway in one piece: what a frame gives them is one step, and can be undone.

A bank is derived from the blocks and never stored. It holds their columns, of which the blocks see their own parts;
where a block was changed by itself, its part is taken up again. Slots are the numbers of windows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from tables.detect.aggregate.aggregate import SIZE, AggregateBlock
from tables.detect.aggregate.view import View
from tables.detect.columns import NEVER, Array, some
from tables.detect.windows.window_columns import COLUMNS, Between, Mask, WindowColumns
from tables.kernel.row import AnyRow as Row

KNOWN = 256  # of how many sets of windows it is kept what lies between their buckets
Undo = Callable[[], None]


class WindowBank(WindowColumns):
    """`undoable` takes what restores cells, to be done in reverse order where an input fails; `keys`: of its blocks."""

    __slots__ = ("_blocks", "_keys", "_known", "_mark", "_squared", "_torn", "_undoable")

    def __init__(self, undoable: Callable[[Undo], None], keys: Sequence[tuple[int, str]]) -> None:
        """It holds nothing yet. `keys`: with the numbers of the blocks, sorted."""
        self._undoable, self._keys = undoable, keys
        size = (keys[-1][0] + 1) * SIZE if keys else 0
        self.blank(size)
        self._torn: Array = np.full(size, NEVER, dtype="<i8")
        self._squared: Array = np.zeros(size // SIZE, dtype=bool)  # which blocks have squared deviations
        self._mark = object()  # what the blocks bear whose columns are here
        self._blocks: dict[int, AggregateBlock] = {}
        # by function, width and windows, as parts of a frame are read: the number of their newest bucket, and between
        self._known: dict[tuple[str, int, bytes], tuple[int, Between]] = {}

    def take_up(self, rows: Mapping[str, Row]) -> None:
        """Hold the columns of its blocks as they are now."""
        for number, key in self._keys:
            block = self._blocks[number] = rows[key].value
            if block.bank is not self._mark:
                self._hold(number, block)

    def _hold(self, number: int, block: AggregateBlock) -> None:
        part, size = slice(number * SIZE, (number + 1) * SIZE), len(block.newest)
        if block.square.shape[1]:
            self._square()
            self._squared[number] = True
        self._undoable(partial(_give_back, block, block.columns(), block.bank, block.mine))
        empty = WindowColumns()
        empty.blank(SIZE)
        for name in COLUMNS:
            column, own = getattr(self, name), getattr(block, name)
            if name == "square" and not own.shape[1]:
                continue
            mine = column[..., part]
            self._undoable(partial(np.copyto, mine, mine.copy()))
            mine[...] = getattr(empty, name) if name != "square" else 0.0
            mine[..., :size] = own
            setattr(block, name, mine)
        self._torn[part] = NEVER
        self._torn[part][: len(block.torn)] = block.torn
        block.bank, block.mine = self._mark, False
        self._known.clear()

    def begun(self, slots: Array) -> Array:
        """Event ms since which each window has been filled by its series, and lacks nothing."""
        return np.maximum(self.since.take(slots), self._torn.take(slots))

    def torn(self, slots: Array) -> Array:
        """Event ms before which each window lacks something; NEVER where it does not."""
        return self._torn.take(slots)

    def before(self, column: Array, cells: Array, held: Array | None = None) -> None:
        """Cells of a column are about to be written; `held`: what they hold, where that is known."""
        self._undoable(partial(column.put, cells, column.take(cells) if held is None else held))

    def put(
        self,
        view: View,
        at: int | Array,
        amounts: Array,
        levels: Mask | None = None,
        again: bool = False,
        usual: float = 0,
    ) -> None:
        """As of all windows; the blocks of these are open, and have been taken up since."""
        if again or some(at // view.width < self.newest.take(view.slots)):
            self._known.clear()
        super().put(view, at, amounts, levels, again, usual)

    def squares(self, view: View | None) -> Array:
        """The column of squared deviations, to be written to for these windows."""
        column = self._square()
        blocks = np.empty(0, dtype=np.int64) if view is None else view.slots // SIZE
        if not self._squared.take(blocks).all():
            for number in np.unique(blocks).tolist():
                self._blocks[number].square = column[:, number * SIZE : (number + 1) * SIZE]
            self._squared[blocks] = True
        return column

    def _square(self) -> Array:
        return super().squares(None)

    def between(self, view: View, number: int) -> Between:
        """The same as of all windows, found once for each bucket."""
        key = view.function, view.even, view.slots.tobytes()
        known = self._known.get(key)
        if known is None or known[0] != number:
            if len(self._known) >= KNOWN:
                self._known.clear()
            known = self._known[key] = number, super().between(view, number)
        return known[1]


def _give_back(block: AggregateBlock, columns: Sequence[Array], bank: object, mine: bool) -> None:
    """The block has the columns that it had before it was taken up."""
    for name, column in zip(COLUMNS, columns, strict=True):
        setattr(block, name, column)
    block.bank, block.mine = bank, mine
