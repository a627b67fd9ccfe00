"""Who has an alert: which operations cover it, what it makes of them, and when that ends."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from streams.messages.bulk import BulkOperation
from tables.respond.alert.acknowledgement import (
    SPREAD,
    apply_acknowledgement,
    clear_acknowledgement,
    ended,
    pass_over,
)
from tables.respond.alert.lifecycle import Status
from tables.respond.alert.standing import (
    ACK_TIMEOUT,
    SKEW,
    acknowledged_by,
    covering_operation,
    effective_status,
)
from tables.respond.alert.state import Alert, Occurrence, deadline
from tests.tables.respond.harness import START, alert, moment, operation

HELD = alert(Status.ACKNOWLEDGED)  # critical: for a limited time
KEPT = alert(Status.ACKNOWLEDGED, "warning")  # until it is over


@pytest.mark.parametrize(
    ("known", "covered"),
    [
        (alert(), True),
        (alert(severity="info"), True),
        (HELD, True),
        (KEPT, False),
        (alert(Status.RESOLVED), False),
    ],
    ids=["firing", "info", "held for a time", "kept", "over"],
)
def test_what_an_operation_covers(known: Alert, covered: bool) -> None:
    """What is firing, or held for a limited time; neither what somebody keeps nor what is over."""
    assert (covering_operation([operation()], known) is not None) == covered
    assert effective_status([operation()], known) == (Status.ACKNOWLEDGED if covered else known.status)
    assert acknowledged_by([operation()], known) == ("ben" if covered else "anna" if known is KEPT else "")


@pytest.mark.parametrize(("late", "covered"), [(0, True), (SKEW, True), (SKEW + 1, False)])
def test_what_fires_later_is_not_meant(late: int, covered: bool) -> None:
    """An alert that began after the person spoke is covered only within what clocks may differ."""
    known = alert(occurrence=Occurrence("a1", 1, START + 60_000 + late, 10))
    assert (covering_operation([operation()], known) is not None) == covered


@pytest.mark.parametrize(("offset", "covered"), [(11, True), (10, False), (9, False)])
def test_an_operation_before_it_fired_or_became_worse_is_not_meant(offset: int, covered: bool) -> None:
    """Only what lies behind the alert's own last beginning in the log."""
    assert (covering_operation([operation(offset)], alert()) is not None) == covered


def test_the_last_word_counts() -> None:
    """Of several people who have something critical the last one; a warning keeps its first."""
    both = [operation(50, "ben"), operation(51, "chidi")]
    assert acknowledged_by(both, alert()) == "chidi"
    assert acknowledged_by(both, alert(severity="warning")) == "ben"


@given(
    st.lists(st.tuples(st.integers(5, 20), st.sampled_from("abc")), max_size=5),
    st.sampled_from(["critical", "warning"]),
)
def test_to_obey_one_by_one_is_what_the_group_said(words: list[tuple[int, str]], severity: str) -> None:
    """However many operations are under way, the alert stands at their end as it stood for its group all along."""
    operations = [operation(offset, by) for offset, by in sorted(dict(words).items())]
    known = alert(severity=severity)
    status, by = effective_status(operations, known), acknowledged_by(operations, known)
    for done, each in enumerate(operations, 1):
        step = apply_acknowledgement(known, each, "it", moment())
        known = step.after if step else known
        assert effective_status(operations[done:], known) == status
        assert acknowledged_by(operations[done:], known) == by
    assert known.status == status


def test_something_critical_is_held_for_a_limited_time() -> None:
    """For an hour from when it was said, and a moment of its own beyond; the row is due then."""
    step = apply_acknowledgement(alert(), operation(notes="on it"), "its group", moment(active=200_000))
    assert step is not None
    ack = step.after.acknowledgement
    assert ack is not None
    assert ack.expires is not None
    assert 0 <= ack.expires - (60_000 + ACK_TIMEOUT) < 1_000 * SPREAD
    assert deadline(step.after) == ack.expires
    assert ack.until == START + 200_000 + (ack.expires - 200_000)
    assert (step.after.status, step.after.acknowledgeable_after, step.moved) == (
        Status.ACKNOWLEDGED,
        50,
        True,
    )
    (told,) = step.announcements
    assert (told.what, told.by) == ("acknowledged", "ben")
    assert told.reason == "ben acknowledged its group: on it; for 1h, since it is critical"


def test_what_is_not_critical_is_held_for_good() -> None:
    """Nothing is due."""
    step = apply_acknowledgement(alert(severity="warning"), operation(), "it", moment())
    assert step is not None
    assert (deadline(step.after), step.announcements[0].reason) == (None, "ben acknowledged it")


def test_again_is_for_longer() -> None:
    """The moment of the first acknowledgement stays, and it is told as an extension."""
    step = apply_acknowledgement(HELD, operation(), "it", moment())
    assert step is not None
    assert step.after.acknowledgement is not None
    assert (step.after.acknowledgement.at, step.after.acknowledgement.by) == (START, "ben")
    assert step.announcements[0].what == "extended"
    assert step.announcements[0].reason.startswith("ben acknowledged it again")


@pytest.mark.parametrize("known", [KEPT, alert(Status.RESOLVED)])
def test_what_is_not_covered_does_not_move(known: Alert) -> None:
    """An operation that comes too late changes nothing."""
    assert apply_acknowledgement(known, operation(), "it", moment()) is None


def test_an_alert_that_failed_is_passed_over() -> None:
    """No operation up to that one covers it any more, and it is as it was."""
    step = pass_over(alert(), operation(), moment())
    assert step.after == replace(alert(), acknowledgeable_after=50, ack_expired_offset=moment().offset)
    assert (step.announcements, step.moved) == ((), True)
    assert covering_operation([operation()], step.after) is None
    assert covering_operation([operation(51)], step.after) is not None


def test_when_the_time_is_over_nobody_has_it() -> None:
    """It fires as before, and says whose word has ended."""
    step = clear_acknowledgement(HELD, moment())
    assert (step.after.status, step.after.acknowledgement, deadline(step.after)) == (
        Status.FIRING,
        None,
        None,
    )
    assert (step.announcements[0].what, step.announcements[0].reason) == ("unacknowledged", ended("anna"))


@pytest.mark.parametrize(("known", "covering"), list(product([alert(), HELD], [[], [operation(5)]])))
def test_nothing_covers_nothing(known: Alert, covering: list[BulkOperation]) -> None:
    """Without operations, or with older ones, an alert stands for itself."""
    assert effective_status(covering, known) == known.status
