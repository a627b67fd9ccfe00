"""Savepoints: a unit happens whole or not at all."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import Broken
from tables.kernel.output import Output
from tables.kernel.row import Row, level
from tables.kernel.row_store import END, HEAD, Memory

KEYS = ("2/a", "3/a", "3/b", "4/a", "4.5/a", "5/a")
Act = tuple[str, int, int | None, bool]
acts = st.lists(
    st.tuples(st.sampled_from(KEYS), st.integers(0, 9), st.none() | st.integers(1, 9), st.booleans()),
    max_size=6,
)


def act(memory: Memory, done: list[Act]) -> None:
    """Write rows, set deadlines, kill, and say something for each."""
    for key, number, wake, kill in done:
        row = memory.open(key)
        assert row is not None
        row.value["n"], row.deadline, row.sent = number, wake, row.sent + 1
        if kill:
            memory.mark_deleted(row)
        memory.out.append(Output("changes", "", f"{key}@{row.born}.{row.sent}", b""))


def state(memory: Memory) -> Any:
    """All that can be observed of rows, outputs and deadlines."""
    rows = {key: (row.seen, row.memory()) for key, row in memory.rows.items()}
    queued = {(row.deadline, key) for key, row in memory.rows.items() if row.deadline is not None}
    assert queued <= set(memory.heap), "a deadline that nobody would find"
    return rows, list(memory.out)


def fail(memory: Memory, done: list[Act]) -> None:
    """A unit that fails after its work."""
    act(memory, done)
    raise RuntimeError("poison")


def settled(memory: Memory, done: list[Act]) -> Memory:
    """One input applied, as a machine does."""
    memory.begin(memory.head.seen + 1)
    memory.head.seen = memory.offset
    memory.savepoint(act, memory, done)
    memory.settle()
    return memory


@given(acts, acts, acts, acts)
def test_a_failing_unit_has_not_happened(
    first: list[Act], before: list[Act], failing: list[Act], after: list[Act]
) -> None:
    """Rows, births, outputs and deadlines are as if it had never begun; what came before and after it stands."""
    memory, other = settled(Memory(), first), settled(Memory(), first)
    for one in (memory, other):
        one.begin(1)
        one.savepoint(act, one, before)
        if one is memory:
            assert isinstance(one.savepoint(fail, one, failing), RuntimeError)
        one.savepoint(act, one, after)
        one.head.seen = 1
        one.settle()
    assert state(memory) == state(other)
    assert memory.snapshot() == other.snapshot()


@given(acts, acts)
def test_a_unit_within_a_unit_has_its_own_savepoint(outer: list[Act], inner: list[Act]) -> None:
    """The inner failure leaves the outer unit's work alone; the outer one takes the inner with it."""
    memory, other = Memory(), settled(Memory(), outer)

    def nested(done: list[Act]) -> None:
        act(memory, done)
        memory.savepoint(fail, memory, inner)

    memory.begin(0)
    memory.head.seen = 0
    memory.savepoint(nested, outer)
    memory.settle()
    assert state(memory)[0] == state(other)[0]


@given(acts)
def test_what_is_written_out_reads_back(done: list[Act]) -> None:
    """Most downstream first, the head last, and a restart knows the same rows and deadlines."""
    memory = settled(Memory(), done)
    written = memory.snapshot()
    assert [level(key) for key, _ in written] == sorted((level(key) for key, _ in written), reverse=True)
    assert written[-1][0] == HEAD
    again = Memory([(key, raw) for key, raw in written if raw is not None])
    assert state(again)[0] == state(memory)[0]


class Shelved(Memory):
    """Rows are looked for by their number."""

    def shelf(self, row: Row) -> str:
        """The number, once there is one."""
        return f"n{row.value['n']}" if "n" in row.value else ""


@given(acts, acts, acts)
def test_rows_are_found_by_what_they_hold(first: list[Act], failing: list[Act], then: list[Act]) -> None:
    """Within an input, after one that failed in part, and after a restart: as if all rows had been looked through."""
    memory = settled(Shelved(), first)
    memory.begin(1)
    memory.head.seen = 1
    memory.savepoint(fail, memory, failing)
    act(memory, then)
    assert found(memory) == sought(memory)
    memory.settle()
    assert found(memory) == sought(memory)
    written = memory.snapshot()
    assert found(Shelved((key, raw) for key, raw in written if raw is not None)) == sought(memory)


def found(memory: Memory) -> dict[str, list[str]]:
    """The rows of each level and each number, as they are looked up: whole, and part by part."""
    shelves = [*(f"{level}/" for level in range(6)), *(f"n{number}" for number in range(10))]
    whole = {shelf: [row.key for row in memory.scan_sorted(shelf)] for shelf in shelves}
    parts = {
        shelf: [
            row.key
            for first, last in pairwise(["", "3/b", "4.5/", END])
            for row in memory.scan_sorted(shelf, first, last)
        ]
        for shelf in shelves
    }
    assert whole == parts
    return whole


def sought(memory: Memory) -> dict[str, list[str]]:
    """The same, by looking through all of them."""
    rows = [row for _, row in sorted(memory.rows.items()) if not row.dead]
    levels = {f"{n}/": [row.key for row in rows if row.key.startswith(f"{n}/")] for n in range(6)}
    return levels | {f"n{n}": [row.key for row in rows if row.value.get("n") == n] for n in range(10)}


def test_a_row_that_the_store_holds_is_not_opened_again() -> None:
    """On a replay a row at or past the offset is behind us."""
    memory = settled(settled(Memory(), []), [("3/a", 1, None, False)])
    memory.begin(1)
    assert memory.open("3/a") is None
    assert memory.open("3/b") is not None


def test_a_row_dies_in_two_write_outs() -> None:
    """It is marked first; its tombstone follows when the mark has been written."""
    memory = settled(Memory(), [("3/a", 1, 5, True)])
    assert [key for key, raw in memory.snapshot() if raw is None] == []
    assert [key for key, raw in memory.snapshot() if raw is None] == ["3/a"]
    assert "3/a" not in memory.rows


def test_a_new_life_has_new_names() -> None:
    """A row opened after its death begins anew, so that its outputs cannot be taken for older ones."""
    memory = settled(settled(Memory(), [("3/a", 1, None, True)]), [("3/a", 2, None, False)])
    row = memory.rows["3/a"]
    assert (row.dead, row.born, row.sent, row.value) == (False, 1, 1, {"n": 2})


def test_what_is_broken_is_not_caught() -> None:
    """Only a restart is a safe answer to a state that must not be reached."""

    def broken() -> None:
        raise Broken("ours")

    memory = Memory()
    memory.begin(0)
    with pytest.raises(Broken):
        memory.savepoint(broken)
