"""Acknowledgements on their way through a group: what they cover, and chunk after chunk."""

from __future__ import annotations

from collections import Counter

from msgspec.structs import replace

from tables.respond.alert.lifecycle import Status
from tables.respond.alert.standing import ACK_TIMEOUT
from tables.respond.group import bulk
from tables.respond.group.state import deadline
from tests.tables.respond.harness import alert, group, moment, operation

ALERTS = [alert(), alert(), alert(Status.ACKNOWLEDGED), alert(severity="warning"), alert(Status.RESOLVED)]


def test_what_is_covered_is_counted_where_it_stands() -> None:
    """What is firing, and what is critical and held; the named alert that obeyed by itself comes on top."""
    places = bulk.covered(group(), ALERTS, operation())
    assert places == {"firing/critical": 2, "firing/warning": 1, "acknowledged/critical": 1}
    assert bulk.with_named(group(), places, alert())["firing/critical"] == 3
    assert bulk.with_named(group(), places, None) == places


def test_a_second_operation_finds_what_the_first_leaves() -> None:
    """Warnings that somebody is about to have are not covered again; what is critical may be."""
    waiting = group(operations=(operation(50),))
    assert bulk.covered(waiting, ALERTS, operation(51, "chidi")) == {"acknowledged/critical": 3}


def test_all_of_it_is_somebodys_at_once() -> None:
    """Counts move before any alert has; the first operation begins with its first chunk."""
    places = Counter({"firing/critical": 2, "firing/warning": 1})
    held, delta = bulk.acknowledge(
        group({"firing/critical": 2, "firing/warning": 2}), operation(), places, moment()
    )
    assert held.counts == {"acknowledged/critical": 2, "acknowledged/warning": 1, "firing/warning": 1}
    assert (delta.acknowledged_by, delta.ack_expires_at) == ("ben", 60_000 + ACK_TIMEOUT)
    assert (held.operations, held.chunk) == ((operation(),), 0)
    assert deadline(held) == 1_000_000 + bulk.OVERDUE


def test_warnings_have_no_end() -> None:
    """Only what is critical is held for a limited time."""
    _, delta = bulk.acknowledge(group(), operation(), {"firing/warning": 1}, moment())
    assert delta.ack_expires_at is None


def test_where_only_the_named_alert_obeys_nothing_follows() -> None:
    """There are no chunks to wait for."""
    held, _ = bulk.acknowledge(group(), operation(chunks=0), {"firing/critical": 1}, moment())
    assert (held.operations, deadline(held)) == ((), None)


def test_chunk_follows_chunk_and_operation_operation() -> None:
    """In their order; a chunk that comes twice is followed once; at the end nothing is due any more."""
    first, second = operation(50, chunks=2), operation(51, chunks=1)
    held, seen = group(operations=(first, second), overdue_at=1), []
    while held.operations:
        now, number = held.operations[0], held.chunk
        seen.append((now.offset, number))
        after = bulk.follow(held, now, number, moment())
        assert after is not None
        assert bulk.follow(after, now, number, moment()) is None
        held = after
    assert seen == [(50, 0), (50, 1), (51, 0)]
    assert (held.chunk, deadline(held)) == (0, None)


def test_of_five_operations_one_is_too_many() -> None:
    """A group's row stays small."""
    waiting = group(operations=tuple(operation(50 + n) for n in range(bulk.WAITING)))
    assert bulk.is_full(waiting) == "4 acknowledgements of this group are under way"
    assert bulk.is_full(replace(waiting, operations=waiting.operations[1:])) == ""


def test_a_chunk_of_which_nothing_is_heard_is_due_again() -> None:
    """The same chunk, a while later."""
    held = bulk.again(group(operations=(operation(),), chunk=2, overdue_at=5), moment())
    assert (held.chunk, deadline(held)) == (2, 1_000_000 + bulk.OVERDUE)
