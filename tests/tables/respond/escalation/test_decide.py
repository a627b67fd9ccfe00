"""What a changed group means for people: beginnings, news, silences and ends."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from streams.codes import CancelReason, NotifyReason
from streams.messages.envelope import Severity
from tables.kernel.clock import Moment
from tables.respond.alert.lifecycle import Status
from tables.respond.alert.state import Resolution
from tables.respond.escalation import decide
from tables.respond.escalation.lifecycle import FIRING, State
from tables.respond.escalation.state import (
    AckReminder,
    CancelPending,
    Closing,
    Escalation,
    Notify,
    PendingNotice,
    Silent,
    Summarise,
)
from tables.respond.group.state import GroupDelta
from tests.tables.respond.harness import (
    LAST,
    ONE,
    START,
    TWO,
    advanced,
    alert,
    escalation,
    facts,
    group,
    moment,
    plan,
)

JOINED, WORSENED = GroupDelta(joined=True), GroupDelta(worsened=True)
EXPIRED = GroupDelta(ack_expired_by="anna")
WARNING, WARNINGS = alert(severity="warning"), group({"firing/warning": 1})
OVER = alert(Status.RESOLVED)
NOW = moment()


@pytest.mark.parametrize("state", [None, *State])
@pytest.mark.parametrize("delta", [JOINED, WORSENED, EXPIRED, GroupDelta()])
def test_when_an_escalation_begins(state: State | None, delta: GroupDelta) -> None:
    """Something is new, something fires, and no escalation is at it."""
    known = escalation(state) if state else None
    assert decide.begins(known, group(), delta) == (delta.notifies and state not in FIRING)
    assert not decide.begins(known, group({"acknowledged/critical": 1}), delta)


@pytest.mark.parametrize(
    ("of", "delta", "wait"),
    [
        (alert(), JOINED, 0),
        (WARNING, JOINED, 30_000),
        (alert(), EXPIRED, 30_000),
        (alert(severity="info"), JOINED, 30_000),
    ],
)
def test_what_is_critical_does_not_wait_to_gather(of: object, delta: GroupDelta, wait: int) -> None:
    """Everything else does, also what is nobody's any more: many such alerts come together."""
    assert isinstance(of, type(WARNING))
    after = decide.begin(None, group(), delta, of, plan(), NOW).after
    assert (after.next_step_at, after.step, after.state) == (NOW.active + wait, -1, State.GATHERING)
    quick = decide.begin(None, group(), delta, of, plan(group_wait=1_000), NOW).after
    assert quick.next_step_at == NOW.active + (1_000 if wait else 0)


def test_why_it_begins() -> None:
    """The first alert, a joiner after somebody had the others, a higher severity, an acknowledgement that ended."""
    had = escalation(State.ACKNOWLEDGED, acknowledged_by="ben")
    openings = [
        decide.begin(known, group(), delta, alert(), plan(), NOW).after.opening.code
        for known, delta in (
            (None, JOINED),
            (escalation(State.CLOSED), JOINED),
            (had, JOINED),
            (had, WORSENED),
            (had, EXPIRED),
        )
    ]
    assert openings == [
        NotifyReason.FIRST_ALERT, NotifyReason.FIRST_ALERT, NotifyReason.JOINED_ACKNOWLEDGED, NotifyReason.WORSENED,
        NotifyReason.ACK_ENDED,
    ]  # fmt: skip


def test_who_was_told_before_is_remembered_until_all_is_over() -> None:
    """After an acknowledgement the new round knows whom it owes the end; after a close it begins with nobody."""
    again = decide.begin(
        escalation(State.ACKNOWLEDGED, reached=(ONE,)), group(), JOINED, alert(), plan(), NOW
    ).after
    assert (again.notified, again.reached, again.last_notified_at, again.step) == (
        (ONE,),
        (ONE,),
        900_000,
        -1,
    )
    new = decide.begin(escalation(State.CLOSED, reached=(ONE,)), group(), JOINED, alert(), plan(), NOW).after
    assert (new.notified, new.reached, new.last_notified_at) == ((), (), None)


def test_a_joiner_is_told_after_the_interval() -> None:
    """Counted from when people were told last; a second joiner does not put it off, nor does a step's clock move."""
    known = escalation(last_notified_at=900_000)
    first = decide.on_group_changed(known, group({"firing/critical": 2}), JOINED, alert(), NOW).after
    assert first.pending_notice == PendingNotice(NotifyReason.JOINED, "more alerts joined", 1_200_000)
    assert first.next_step_at == known.next_step_at
    later = decide.on_group_changed(
        first, group({"firing/critical": 3}), JOINED, alert(), moment(active=1_100_000)
    ).after
    assert later.pending_notice == first.pending_notice
    late = decide.on_group_changed(known, group(), JOINED, alert(), moment(active=5_000_000)).after
    assert late.pending_notice is not None
    assert late.pending_notice.at == 5_000_000


@pytest.mark.parametrize("delta", [WORSENED, JOINED])
def test_a_higher_severity_is_told_at_once(delta: GroupDelta) -> None:
    """Whether an alert became worse or a worse one joined; the clock of the step goes on."""
    known = escalation(severity="warning")
    after = decide.on_group_changed(known, group(), delta, alert(), NOW).after
    assert after.pending_notice == PendingNotice(
        NotifyReason.WORSENED, "severity rose to critical", NOW.active, "critical"
    )
    assert (after.severity, after.next_step_at) == ("critical", known.next_step_at)


def test_while_it_gathers_what_is_critical_hurries_it() -> None:
    """The first notification goes at once, and no second one is made of the joiner."""
    known = escalation(State.GATHERING, severity="warning", next_step_at=1_020_000)
    after = decide.on_group_changed(known, group(), JOINED, alert(), NOW).after
    assert (after.next_step_at, after.pending_notice, after.severity) == (NOW.active, None, "critical")
    warning = decide.on_group_changed(known, WARNINGS, JOINED, WARNING, NOW).after
    assert warning.next_step_at == 1_020_000


def test_what_is_no_news_changes_nothing() -> None:
    """One of several ends, or is milder."""
    assert decide.on_group_changed(escalation(), group(), GroupDelta(), OVER, NOW) == (escalation(), ())


def test_where_what_nobody_had_ends_the_rest_has_somebody() -> None:
    """It stops without a person's word, and says so."""
    step = decide.on_group_changed(escalation(), group({"acknowledged/critical": 1}), GroupDelta(), OVER, NOW)
    (cancel,) = step.decisions
    assert isinstance(cancel, CancelPending)
    assert (cancel.code, step.after.state) == (CancelReason.NOTHING_FIRING, State.ACKNOWLEDGED)


def test_a_reminder_that_would_come_too_late_does_not_come() -> None:
    """An acknowledgement that ends within minutes."""
    held = group({"acknowledged/critical": 1})
    delta = GroupDelta(acknowledged_by="ben", ack_expires_at=NOW.active + decide.ACK_REMINDER_LEAD)
    assert decide.on_group_changed(escalation(), held, delta, None, NOW).after.ack_reminder is None
    delta = delta._replace(ack_expires_at=NOW.active + decide.ACK_REMINDER_LEAD + 1)
    assert decide.on_group_changed(escalation(), held, delta, None, NOW).after.ack_reminder == AckReminder(
        NOW.active + 1, "ben"
    )


@pytest.mark.parametrize("state", [*FIRING, State.ACKNOWLEDGED])
def test_exactly_those_who_heard_of_it_hear_of_its_end(state: State) -> None:
    """Pending attempts of everybody are cancelled first."""
    known = escalation(state, notified=(ONE, TWO), reached=(TWO,))
    step = decide.on_group_changed(known, group({}), GroupDelta(), OVER, NOW)
    cancel, notify = step.decisions
    assert isinstance(cancel, CancelPending)
    assert isinstance(notify, Notify)
    assert (cancel.code, notify.to, notify.code) == (CancelReason.RESOLVED, (TWO,), NotifyReason.RESOLVED)
    assert notify.reason == "it is over: it is over; you heard of the firing"
    assert (step.after.state, step.after.next_step_at, step.after.pending_notice) == (
        State.CLOSED,
        None,
        None,
    )


def test_an_end_comes_once() -> None:
    """A closed escalation stays as it is."""
    closed = decide.on_group_changed(escalation(), group({}), GroupDelta(), OVER, NOW).after
    assert decide.on_group_changed(closed, group({}), GroupDelta(), OVER, NOW) == (closed, ())


def test_what_has_moved_to_another_team_ends_in_silence() -> None:
    """The new team hears of it; nobody of the old one is told that it is over, neither now nor late."""
    gone = replace(OVER, facts=facts(moved_to="u"))
    step = decide.on_group_changed(escalation(reached=(ONE,)), group({}), GroupDelta(), gone, NOW)
    assert [type(decision) for decision in step.decisions] == [CancelPending]
    assert step.after.closing is not None
    assert step.after.closing.silent


def test_what_was_over_before_anybody_was_told_is_kept_in_memory() -> None:
    """A line says why nobody heard."""
    known = escalation(State.GATHERING, began_at=START)
    silent = decide.on_group_changed(known, group({}), GroupDelta(ended=True), OVER, NOW).decisions
    assert [type(decision) for decision in silent] == [Silent, CancelPending]


LATER = Moment(NOW.offset, START + 60_000, NOW.active, away_since=START - 1)
AWAY = Moment(NOW.offset, START + 60_000, NOW.active, lag_ended=START + 1)


@pytest.mark.parametrize("of", [LATER, AWAY], ids=["goes on", "is over"])
@pytest.mark.parametrize(
    ("known", "severity", "told"),
    [
        (escalation(State.GATHERING), "critical", True),
        (escalation(State.GATHERING), "warning", True),
        (escalation(State.GATHERING, plan=plan(group_wait=60_001)), "warning", False),
        (escalation(announced_offset=10), "critical", False),
        (escalation(announced_offset=9), "critical", False),
        (escalation(announced_offset=9, plan=plan(group_interval=60_000)), "critical", True),
        (escalation(State.ACKNOWLEDGED), "critical", False),
    ],
    ids=["at once", "waited", "too brief", "known", "joined, too brief", "joined", "somebody's"],
)
def test_the_digest_tells_of_what_people_would_have_heard_of(
    of: Moment, known: Escalation, severity: Severity, told: bool
) -> None:
    """What fired while we were away and ends, where nobody knows of it; not what would have been over untold too."""
    gone = replace(OVER, severity=severity)
    assert gone.occurrence.triggered_at == START
    step = decide.on_group_changed(known, group(), GroupDelta(ended=True), gone, of)
    assert (Summarise() in step.decisions) == told
    watched = decide.on_group_changed(known, group(), GroupDelta(ended=True), gone, NOW)
    assert Summarise() not in watched.decisions


def test_a_person_who_resolved_it_is_named() -> None:
    """The reason of the end is that of the alert."""
    end = Resolution(START, "anna", "", "anna resolved it", 9)
    step = decide.on_group_changed(escalation(), group({}), GroupDelta(), replace(OVER, resolution=end), NOW)
    assert isinstance(step.after.closing, Closing)
    assert step.after.closing.reason == "it is over: anna resolved it"


@pytest.mark.parametrize(
    ("delta", "code", "at"),
    [
        (GroupDelta(worsened=True), NotifyReason.WORSENED, 1_000_000),
        (GroupDelta(released="was suppressed since noon"), NotifyReason.RELEASED, 1_000_000),
        (GroupDelta(joined=True), NotifyReason.JOINED, 1_200_000),
    ],
)
def test_news_go_to_whoever_knows_though_no_step_reaches_anybody(
    delta: GroupDelta, code: NotifyReason, at: int
) -> None:
    """The last resort hears of them; where nobody has been told yet they are part of the first notification."""
    known = escalation(
        State.GATHERING,
        last_resort_used=True,
        notified=(LAST,),
        last_notified_at=900_000,
        next_step_at=1_250_000,
    )
    step = decide.on_group_changed(known, group(), delta, alert(), moment())
    notice = step.after.pending_notice
    assert notice is not None
    assert (notice.code, notice.at) == (code, at)
    due = advanced(step.after, group(), moment(active=at), unheard=True)
    (told,) = [decision for decision in due.decisions if isinstance(decision, Notify)]
    assert (told.to, told.code, told.everybody) == ((LAST,), code, True)
    fresh = replace(known, last_resort_used=False, notified=())
    assert decide.on_group_changed(fresh, group(), delta, alert(), moment()).after.pending_notice is None
