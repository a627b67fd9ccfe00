"""Savepoints: a unit of work happens whole or not at all."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.errors import Broken
from tables.kernel.level import level_name
from tables.kernel.row_store import END, HEAD, RowStore
from tests.tables.kernel.harness import ASP, BEE, KEYS, LEVELS, Act, Store, Thing, act, applied, fail

acts = st.lists(
    st.builds(Act, st.sampled_from(KEYS), st.integers(0, 9), st.none() | st.integers(1, 9), st.booleans()),
    max_size=6,
)
RANKS = {level.name: rank for rank, level in enumerate(LEVELS)}
INDEXED = [f"{level.name}/{name}" for level in (ASP, BEE) for name in (*(f"n{n}" for n in range(10)), "odd")]


def state(store: RowStore) -> Any:
    """All that can be observed of rows, outputs and deadlines."""
    rows = {key: (row.seen, row.memory()) for key, row in store.rows.items()}
    queued = {(row.deadline, key) for key, row in store.rows.items() if row.deadline is not None}
    assert queued <= set(store.heap), "a deadline that nobody would find"
    return rows, list(store.out)


@given(acts, acts, acts, acts)
def test_what_fails_has_not_happened(
    first: list[Act], before: list[Act], failing: list[Act], after: list[Act]
) -> None:
    """Rows, births, outputs and deadlines are as if it had never begun; what came before and after it stands."""
    store, other = applied(Store(), first), applied(Store(), first)
    for each in (store, other):
        each.begin(1)
        each.savepoint(act, each, before)
        if each is store:
            assert isinstance(each.savepoint(fail, each, failing), RuntimeError)
        each.savepoint(act, each, after)
        each.head.seen = 1
        each.settle()
    assert state(store) == state(other)
    assert found(store) == found(other)
    assert store.snapshot() == other.snapshot()


@given(acts, acts)
def test_a_savepoint_within_another_is_its_own(outer: list[Act], inner: list[Act]) -> None:
    """The inner failure leaves the outer work alone."""
    store, other = Store(), applied(Store(), outer)

    def nested(work: list[Act]) -> None:
        act(store, work)
        store.savepoint(fail, store, inner)

    store.begin(0)
    store.head.seen = 0
    store.savepoint(nested, outer)
    store.settle()
    assert state(store)[0] == state(other)[0]


@given(acts, acts, acts)
def test_an_outer_failure_takes_the_inner_work_with_it(
    first: list[Act], outer: list[Act], inner: list[Act]
) -> None:
    """What has happened within a unit happens with it or not at all."""
    store, other = applied(Store(), first), applied(Store(), first)

    def nested() -> None:
        store.savepoint(act, store, inner)
        fail(store, outer)

    for each in (store, other):
        each.begin(1)
        each.head.seen = 1
    assert isinstance(store.savepoint(nested), RuntimeError)
    for each in (store, other):
        each.settle()
    assert state(store) == state(other)
    assert found(store) == found(other)


@given(acts, acts)
def test_what_is_written_out_reads_back(first: list[Act], then: list[Act]) -> None:
    """Most downstream first whatever the levels are called, the head last; a restart knows the same rows."""
    store = applied(Store(), first)
    kept = {key: raw for key, raw in store.snapshot() if raw is not None}
    applied(store, then)
    written = store.snapshot()
    ranks = [RANKS[level_name(key)] for key, _ in written]
    assert ranks == sorted(ranks, reverse=True)
    assert level_name(written[-1][0]) == HEAD.name
    for key, raw in written:
        kept.pop(key, None) if raw is None else kept.__setitem__(key, raw)
    again = Store(sorted(kept.items()))
    assert living(again) == living(store)
    assert found(again) == found(store)


def living(store: RowStore) -> Any:
    """What is known of the rows that are not dead, and that a dead one is."""
    assert state(store)
    return {
        key: (row.seen, row.dead) if row.dead else (row.seen, row.memory())
        for key, row in store.rows.items()
        if not (row.dead and row.seen <= store.written)
    }


@example([], [], [Act("asp/a", 1, None, ends=False), Act("asp/a", 2, None, ends=False)])
@given(acts, acts, acts)
def test_rows_are_found_by_what_they_hold(first: list[Act], failing: list[Act], then: list[Act]) -> None:
    """After every write of an input, one that failed in part, and a restart: as if all rows had been looked through."""
    store = applied(Store(), first)
    store.begin(1)
    store.head.seen = 1
    act(store, then[:1])
    assert found(store) == sought(store)
    store.savepoint(fail, store, failing)
    for each in then:  # what was found before is found as it is now
        act(store, [each])
        assert found(store) == sought(store)
    store.settle()
    assert found(store) == sought(store)
    written = store.snapshot()
    assert found(Store((key, raw) for key, raw in written if raw is not None)) == sought(store)


def found(store: RowStore) -> dict[str, list[str]]:
    """The rows of each level and each name, as they are looked up: whole, part by part, and in no order."""
    looked_for = [*RANKS, *INDEXED]
    whole = {name: [row.key for row in store.scan_sorted(name)] for name in looked_for}
    edges = ["", "asp/b", "mole/", END]
    parts = {
        name: [row.key for edge in pairwise(edges) for row in store.scan_sorted(name, *edge)]
        for name in looked_for
    }
    assert whole == parts == {name: sorted(row.key for row in store.scan(name)) for name in looked_for}
    return whole


def sought(store: RowStore) -> dict[str, list[str]]:
    """The same, by looking through all of them."""
    rows = [row for _, row in sorted(store.rows.items()) if not row.dead]
    levels = {name: [row.key for row in rows if level_name(row.key) == name] for name in RANKS}
    things = [row for row in rows if isinstance(row.value, Thing)]
    named = {
        f"{level.name}/{name}": [
            row.key for row in things if level_name(row.key) == level.name and name in level.index(row.value)
        ]
        for level in (ASP, BEE)
        for name in (*(f"n{n}" for n in range(10)), "odd")
    }
    return levels | named


def test_a_row_that_the_store_holds_is_not_opened_again() -> None:
    """On a replay a row at or past the offset is behind us."""
    store = applied(applied(Store(), []), [Act("asp/a", 1, None, False)])
    store.begin(1)
    assert store.newer("asp/a")
    assert store.open("asp/a") is None
    assert store.open("asp/b") is not None


def test_a_row_dies_in_two_write_outs() -> None:
    """It is marked first; its tombstone follows when the mark has been written."""
    for key in KEYS:
        store = applied(Store(), [Act(key, 1, 5, True)])
        assert [key for key, raw in store.snapshot() if raw is None] == []
        assert [key for key, raw in store.snapshot() if raw is None] == [key]
        assert key not in store.rows


@pytest.mark.parametrize("key", KEYS)
def test_a_mark_reads_back_as_a_mark(key: str) -> None:
    """A worker that begins between the two write-outs knows that the row is dead, of whatever sort it is."""
    store = applied(Store(), [Act(key, 3, 5, True)])
    again = Store((name, raw) for name, raw in store.snapshot() if raw is not None)
    assert again.rows[key].dead
    assert again.rows[key].deadline is None
    assert [name for name, raw in again.snapshot() if raw is None] == [key]


def test_a_new_life_has_new_names() -> None:
    """A row opened after its death begins anew, so that its outputs cannot be taken for older ones."""
    store = applied(applied(Store(), [Act("asp/a", 1, None, True)]), [Act("asp/a", 2, None, False)])
    row = store.rows["asp/a"]
    assert (row.dead, row.born, row.sent, row.value) == (False, 1, 1, Thing(2))


@pytest.mark.parametrize("apart", [True, False])
def test_lives_of_one_input_have_names_of_their_own(apart: bool) -> None:
    """A row that ends and begins again within one input says nothing twice under one name, and is alive."""
    acts = [Act("asp/a", 1, None, True), Act("asp/a", 2, None, True), Act("asp/a", 3, None, False)]
    store = Store()
    store.begin(0)
    store.head.seen = 0
    for work in [[each] for each in acts] if apart else [acts]:
        assert store.savepoint(act, store, work) is None
    store.settle()
    assert [output.topic for output in store.out] == ["changes"] * 3
    assert len({output.id for output in store.out}) == 3
    assert [row.value for row in store.scan_sorted("asp")] == [Thing(3)]


def test_what_is_broken_is_not_caught() -> None:
    """Only a restart is a safe answer to a state that must not be reached."""

    def broken() -> None:
        raise Broken("ours")

    store = Store()
    store.begin(0)
    with pytest.raises(Broken):
        store.savepoint(broken)
