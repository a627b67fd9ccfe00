"""The life of an alert, walked entry by entry: as values, and through the machine."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from streams.errors import Refused
from streams.messages.command import Acknowledge, Action, Command, Principal, Resolve
from tables.kernel.output import Output
from tables.respond.alert.acknowledgement import SPREAD, apply_acknowledgement, clear_acknowledgement
from tables.respond.alert.lifecycle import RANK, TRANSITIONS, Cause, Status
from tables.respond.alert.response import resolve
from tables.respond.alert.standing import ACK_TIMEOUT
from tables.respond.alert.state import RETENTION, Alert, AlertStep
from tables.respond.alert.state import SPREAD as RETENTION_SPREAD
from tables.respond.alert.verdict import on_verdict
from tests.tables.respond.harness import (
    ANNA,
    START,
    VERDICTS,
    Inbox,
    alert,
    moment,
    operation,
    told,
    verdict,
)

FINGERPRINT = "g|rule|cpu"
MOVES = list(product(Status, Cause))


def caused(known: Alert, cause: Cause) -> AlertStep | None:
    """What a cause makes of an alert, by the step that it belongs to."""
    match cause:
        case Cause.ACKNOWLEDGE:
            return apply_acknowledgement(known, operation(), "it", moment())
        case Cause.RESOLVE:
            action = Resolve(alert=FINGERPRINT)
            command = Command(id="c", at=START, team="t", by=ANNA, action=action)
            return resolve(known, command, action, moment())
        case Cause.EXPIRE:
            return clear_acknowledgement(known, moment())
    severity = "critical" if cause is Cause.WORSEN else "warning"
    state = "ok" if cause is Cause.CLEAR else "firing"
    return on_verdict(known, VERDICTS, verdict(2, state, severity), moment(), 10)


@pytest.mark.parametrize(("status", "cause"), sorted(TRANSITIONS), ids=str)
def test_every_entry_of_the_table_is_taken(status: Status, cause: Cause) -> None:
    """Each move that the table names is what the step of its cause makes of the value, told with a reason."""
    limited = cause in (Cause.EXPIRE, Cause.ACKNOWLEDGE)
    step = caused(alert(status, "critical" if limited else "warning"), cause)
    assert step is not None
    assert step.after.status == TRANSITIONS[status, cause]
    assert step.moved
    assert all(announcement.reason for announcement in step.announcements)
    assert step.announcements


@pytest.mark.parametrize(("status", "cause"), [move for move in MOVES if move not in TRANSITIONS], ids=str)
def test_every_other_move_does_not_happen(status: Status, cause: Cause) -> None:
    """Nothing is told of it, or it is refused, or it cannot be asked for; what is worse after its end begins anew."""
    known = alert(status, "warning")
    if cause is Cause.RESOLVE:
        with pytest.raises(Refused, match="resolved already"):
            caused(known, cause)
    elif cause is Cause.EXPIRE:
        with pytest.raises(KeyError):
            caused(known, cause)
    elif (status, cause) == (Status.RESOLVED, Cause.WORSEN):
        step = caused(known, cause)
        assert step is not None
        assert (step.after.status, step.after.occurrence.number) == (Status.FIRING, 2)
    else:
        step = caused(known, cause)
        assert step is None or (step.after.status, step.moved, step.announcements) == (status, False, ())


def test_severities_are_ranked() -> None:
    """Each severity has its place."""
    assert sorted(RANK, key=lambda severity: RANK[severity]) == ["info", "warning", "critical"]


class Lone(Inbox):
    """A machine with one alert."""

    def __init__(self) -> None:
        """Nothing has fired yet."""
        self.sequence = 0
        super().__init__()

    def alert(self) -> Alert:
        """The alert's row."""
        return self.alerts()[0]

    def status(self) -> Status:
        """How it stands; once it has rested it is as if it had never been."""
        rows = self.machine.scan_sorted("alert")
        return next((row.value.status for row in rows), Status.RESOLVED)

    def cause(self, cause: Cause) -> list[Output]:
        """Let something happen to the alert."""
        if cause in (Cause.ACKNOWLEDGE, Cause.RESOLVE):
            return self.person(Acknowledge if cause is Cause.ACKNOWLEDGE else Resolve)
        if cause is Cause.EXPIRE:
            return self.wait(ACK_TIMEOUT + 1_000 * SPREAD)
        self.sequence += 1
        severity = "critical" if cause is Cause.WORSEN else "warning"
        return self.judge(verdict(self.sequence, "ok" if cause is Cause.CLEAR else "firing", severity))

    def person(self, kind: type[Acknowledge | Resolve], by: Principal = ANNA, **fields: Any) -> list[Output]:
        """A person's command."""
        action: Action = kind(alert=FINGERPRINT)
        return self.command(action, by, **fields)


PATHS: dict[Status, list[Cause]] = {
    Status.FIRING: [Cause.FIRE],
    Status.ACKNOWLEDGED: [Cause.FIRE, Cause.ACKNOWLEDGE],
    Status.RESOLVED: [Cause.FIRE, Cause.CLEAR],
}


@pytest.mark.parametrize(("status", "cause"), MOVES, ids=str)
def test_the_machine_goes_by_the_table(status: Status, cause: Cause) -> None:
    """What the table says happens, and what it does not say does not; what is worse after its end has begun anew."""
    lone = Lone()
    for step in PATHS[status]:
        critical = (step, cause) == (Cause.FIRE, Cause.EXPIRE)
        lone.cause(Cause.WORSEN if critical else step)
    assert lone.status() == status
    lone.cause(cause)
    meant = Cause.FIRE if (status, cause) == (Status.RESOLVED, Cause.WORSEN) else cause
    assert lone.status() == TRANSITIONS.get((status, meant), status)


def test_an_occurrence_has_an_id_of_its_own() -> None:
    """Who fires again after its end is another alert, and an older one can no longer be commanded."""
    lone = Lone()
    lone.cause(Cause.FIRE)
    first = lone.alert().occurrence.id
    lone.cause(Cause.CLEAR)
    lone.cause(Cause.FIRE)
    assert lone.alert().occurrence.id != first
    out = lone.command(Acknowledge(alert=FINGERPRINT, alert_id=first))
    assert told(out, '"result":"refused"', '"reason_code":"conflict"', "fired again since")
    assert lone.status() is Status.FIRING


def test_an_older_sequence_changes_nothing() -> None:
    """The highest sequence wins, so a duplicate or a late verdict is no news."""
    lone = Lone()
    lone.cause(Cause.FIRE)
    lone.sequence -= 1
    assert lone.cause(Cause.CLEAR) == []
    assert lone.status() is Status.FIRING


def test_acknowledgement_is_undone_by_worse_only() -> None:
    """A severity that rose after somebody had it is news; one that fell is not."""
    lone = Lone()
    for cause in (Cause.WORSEN, Cause.ACKNOWLEDGE, Cause.FIRE):
        lone.cause(cause)
    assert lone.status() is Status.ACKNOWLEDGED
    lone.cause(Cause.WORSEN)
    assert (lone.status(), lone.alert().acknowledgement) == (Status.FIRING, None)


def test_a_stranger_commands_nothing() -> None:
    """Neither an administrator nor of the team: refused, whatever the API let through."""
    lone = Lone()
    lone.cause(Cause.FIRE)
    out = lone.person(Acknowledge, Principal(name="eve", teams=("u",)))
    assert told(out, '"result":"refused"', '"reason_code":"not_permitted"')
    assert lone.status() is Status.FIRING
    lone.person(Acknowledge, Principal(name="ben", teams=("t",)))
    assert lone.alert().acknowledgement is not None


@pytest.mark.parametrize(
    ("deadline", "status"), [(-1, Status.FIRING), (0, Status.ACKNOWLEDGED), (9, Status.ACKNOWLEDGED)]
)
def test_a_command_past_its_deadline_is_refused(deadline: int, status: Status) -> None:
    """Whoever asked was told that it failed, so it must not happen after all."""
    lone = Lone()
    lone.cause(Cause.FIRE)
    out = lone.person(Acknowledge, deadline=lone.now + deadline)
    assert lone.status() is status
    assert bool(told(out, '"result":"refused"', '"reason_code":"expired"')) == (status is Status.FIRING)


def test_a_command_that_comes_twice_is_one() -> None:
    """Its id is remembered, and the second says nothing at all."""
    lone = Lone()
    lone.cause(Cause.FIRE)
    assert told(lone.person(Acknowledge, id="once"), '"result":"accepted"')
    assert lone.person(Acknowledge, id="once") == []


def test_a_resolved_alert_rests_and_goes() -> None:
    """Its row is kept for late duplicates, not for ever."""
    lone = Lone()
    lone.cause(Cause.FIRE)
    lone.cause(Cause.CLEAR)
    lone.wait(RETENTION - 1_000)
    assert len(lone.alerts()) == 1
    lone.wait(1_000 * (RETENTION_SPREAD + 1))
    assert lone.alerts() == []


def test_only_what_is_critical_is_held_for_a_limited_time() -> None:
    """A warning stays acknowledged, and so does what has become one."""
    warning, fallen = Lone(), Lone()
    for cause in (Cause.FIRE, Cause.ACKNOWLEDGE, Cause.EXPIRE):
        warning.cause(cause)
    for cause in (Cause.WORSEN, Cause.ACKNOWLEDGE, Cause.FIRE, Cause.EXPIRE):
        fallen.cause(cause)
    assert [lone.status() for lone in (warning, fallen)] == [Status.ACKNOWLEDGED] * 2
    ack = fallen.alert().acknowledgement
    assert ack is not None
    assert ack.until is None


def test_to_acknowledge_again_is_to_have_it_for_longer() -> None:
    """The hour begins anew, and the moment of the first acknowledgement stays."""
    lone = Lone()
    for cause in (Cause.WORSEN, Cause.ACKNOWLEDGE):
        lone.cause(cause)
    first = lone.alert().acknowledgement
    lone.wait(ACK_TIMEOUT // 2)
    lone.cause(Cause.ACKNOWLEDGE)
    lone.wait(ACK_TIMEOUT // 2 + 1_000 * SPREAD)
    again = lone.alert().acknowledgement
    assert first is not None
    assert again is not None
    assert first.until is not None
    assert again.until is not None
    assert again.until >= first.until + ACK_TIMEOUT // 2
    assert (lone.status(), again.at) == (Status.ACKNOWLEDGED, first.at)
