"""Windows of many blocks in one piece: every bit as in each block by itself, and undone where an input fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tables.detect.aggregate.aggregate import SIZE, AggregateBlock
from tables.detect.aggregate.view import BUCKETS, View, bucket_width
from tables.detect.windows.window_bank import WindowBank
from tables.kernel.row import Row

START = 1_764_547_200_000
FUNCTIONS = ("sum", "count", "min", "max", "stddev", "delta", "quantile 0.9")
OVERS = (3_000, 45_000, 300_000)
BLOCKS = 3
frames = st.lists(
    st.tuples(
        st.integers(1, 40_000), st.lists(st.floats(-1e9, 1e9), min_size=BLOCKS * 2, max_size=BLOCKS * 2)
    ),
    min_size=1,
    max_size=30,
)
Undos = list[Callable[[], None]]


def view(function: str, slots: Sequence[int], over: int) -> View:
    """Windows through a function."""
    width = bucket_width(over)
    widths, buckets, overs = (
        np.full(len(slots), number) for number in (width, max(1, -(-over // width)), over)
    )
    even = width if over == BUCKETS * width else 0
    return View(function, 0, np.array(slots), widths, buckets, overs, True, even)


def blocks() -> dict[str, Row[AggregateBlock]]:
    """Three blocks with two windows each, at other places in each."""
    rows = {f"aggregate/g/{number:05d}": Row("", AggregateBlock()) for number in range(BLOCKS)}
    for number, row in enumerate(rows.values()):
        for slot in range(number * 20 + 2):
            row.value.add(slot, ["rule", 0, f"m{slot}"])
    return rows


def banked(rows: dict[str, Row[AggregateBlock]]) -> tuple[WindowBank, Undos]:
    """The bank of all blocks, and what undoes what it does."""
    undos: Undos = []
    bank = WindowBank(undos.append, list(enumerate(rows)))
    bank.take_up(rows)
    return bank, undos


SLOTS = [number * 20 + slot for number in range(BLOCKS) for slot in range(2)]
NUMBERS = [(n // 2) * SIZE + slot for n, slot in enumerate(SLOTS)]


def bytes_of(rows: dict[str, Row[AggregateBlock]]) -> list[object]:
    """What all rows would be stored as."""
    return [row.value.pack() for row in rows.values()]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("over", OVERS)
@settings(max_examples=20)
@given(frames)
def test_a_bank_is_its_blocks(function: str, over: int, moves: Sequence[tuple[int, list[float]]]) -> None:
    """What is put and read for all blocks at once is, bit by bit, what each block does by itself."""
    together, apart, at = blocks(), blocks(), START
    bank, _ = banked(together)
    for step, values in moves:
        at += step
        bank.put(view(function, NUMBERS, over), at, np.array(values))
        for number, row in enumerate(apart.values()):
            mine = slice(number * 2, number * 2 + 2)
            row.value.put(view(function, SLOTS[mine], over), at, np.array(values[mine]))
        found = bank.read(view(function, NUMBERS, over), at)
        alone = [
            row.value.read(view(function, SLOTS[n * 2 : n * 2 + 2], over), at)
            for n, row in enumerate(apart.values())
        ]
        assert [column.tobytes() for column in found] == [
            np.concatenate(column).tobytes() for column in zip(*alone, strict=True)
        ]
    assert bytes_of(together) == bytes_of(apart)


@pytest.mark.parametrize("function", FUNCTIONS)
@settings(max_examples=20)
@given(frames, frames, st.booleans())
def test_what_failed_is_undone(
    function: str,
    moves: Sequence[tuple[int, list[float]]],
    more: Sequence[tuple[int, list[float]]],
    anew: bool,
) -> None:
    """An input that fails leaves no trace, whether its blocks were in the bank before or taken up by it."""
    rows, at, mine = blocks(), START, view(function, NUMBERS, 45_000)
    bank, undos = banked(rows)
    for step, values in moves:
        at += step
        bank.put(mine, at, np.array(values))
    bank.read(mine, at)
    before, held = bytes_of(rows), {key: row.value for key, row in rows.items()}
    undos.clear()
    if anew:
        bank = WindowBank(undos.append, list(enumerate(rows)))
    for row in list(rows.values())[:2]:  # the others are read only
        row.value = row.value.copy()
    bank.take_up(rows)
    first = view(function, NUMBERS[:4], 45_000)
    for step, values in more:
        at += step
        bank.put(first, at, np.array(values[:4]))
    next(iter(rows.values())).value.clear(np.array([1]))
    bank.take_up(rows)
    for undo in reversed(undos):
        undo()
    for key, value in held.items():
        rows[key].value = value
    assert bytes_of(rows) == before


def test_a_copy_of_a_block_in_a_bank_is_independent_of_it() -> None:
    """What a block forgets by itself, its bank forgets once it is taken up again, and the block before never does."""
    rows = blocks()
    bank, _ = banked(rows)
    bank.put(view("sum", NUMBERS, 45_000), START, np.arange(1.0, 7.0))
    first = next(iter(rows.values()))
    old, first.value = first.value, first.value.copy()
    before = old.pack()
    first.value.clear(np.array([0]))
    assert old.pack() == before
    bank.take_up(rows)
    assert bank.read(view("sum", NUMBERS, 45_000), START)[1].tolist() == [0.0, 1.0, 1.0, 1.0, 1.0, 1.0]
