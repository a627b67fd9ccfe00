"""How far a partition has come, and what is committed of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.runtime.partition import Partition, ranges, spell


def taken(count: int, start: int = 0) -> Partition:
    """A partition of which `count` records were taken."""
    one = Partition(start)
    for offset in range(start, start + count):
        assert one.take(offset) == "new"
    return one


def test_never_past_an_unfinished_attempt() -> None:
    """The commit stays at the first unfinished offset and notes what is finished beyond it."""
    one = taken(6)
    for offset in (1, 2, 5):
        one.finish(offset)

    assert one.commit() == (0, "1-2,5")
    one.finish(0)
    assert one.commit() == (3, "5")


def test_nothing_new() -> None:
    """What was committed is not committed again."""
    one = taken(2)
    one.finish(0)
    one.committed((1, ""))

    assert one.commit() is None


def test_successor_calls_nobody_again() -> None:
    """Whoever goes on from a commit skips what was finished beyond it."""
    before = taken(5)
    for offset in (1, 3):
        before.finish(offset)
    start, note = before.commit() or (None, "")
    after = Partition(start, note)

    assert [after.take(n) for n in range(5)] == ["new", "finished", "new", "finished", "new"]
    assert after.outstanding == 3


def test_gap_is_read_again_once() -> None:
    """A skip is read again; if it is still there, the log itself has the gap."""
    one = taken(2)

    assert one.take(5) == "gap"
    assert one.wanted == 2
    assert one.take(5) == "new"
    assert one.take(5) == "old"


def test_gap_that_was_a_race() -> None:
    """Records that come at the second reading are taken in order."""
    one = taken(2)

    assert [one.take(n) for n in (4, 2, 3, 4)] == ["gap", "new", "new", "new"]


@given(st.permutations(range(12)), st.integers(0, 12))
def test_floor(order: list[int], done: int) -> None:
    """Whatever the order of finishing, the commit is the smallest unfinished offset, and notes the rest exactly."""
    one = taken(12, start=100)
    for offset in order[:done]:
        one.finish(100 + offset)

    unfinished = sorted(100 + n for n in order[done:])
    floor, note = one.commit() or (0, "")
    assert floor == (unfinished[0] if unfinished else 112)
    assert {n for some in ranges(note) for n in some} == {100 + n for n in order[:done] if 100 + n > floor}
    assert one.outstanding == len(unfinished)


@given(st.sets(st.integers(0, 10**12)))
def test_notes_fit(offsets: set[int]) -> None:
    """A note is at most as long as brokers take, and never says more than is true."""
    note = spell(offsets)

    assert len(note) <= 4000
    assert {some.start for some in ranges(note)} <= offsets


@pytest.mark.parametrize("note", ["leader", "1-2-3", "1,,2", "-1", "²"])
def test_foreign_notes(note: str) -> None:
    """Metadata that another tool wrote is no note."""
    assert ranges(note) == []
