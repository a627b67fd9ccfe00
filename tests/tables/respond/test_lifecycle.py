"""The life of an alert, walked entry by entry through the machine."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from tables.respond.acknowledgement import HELD, SPREAD
from tables.respond.lifecycle import TRANSITIONS, Cause, Status

from streams.messages.command import Command, Principal
from streams.messages.config import ConfigRevision
from streams.messages.envelope import Message
from streams.messages.tick import Tick
from streams.messages.verdict import Verdict, Verdicts
from streams.signature import Signer, bound
from streams.topics import INBOX
from tables.kernel.row import Row
from tables.respond.machine import Respond
from tables.world import KEY

START = 1_764_547_200_000
INSTANCE = "g|rule|cpu"


class Alert:
    """One alert of a machine that is configured and attending."""

    def __init__(self) -> None:
        self.machine, self.signer, self.turn = Respond("respond-0", Signer([KEY])), Signer([KEY]), 0
        complete: dict[str, Any] = {"owner": "", "type": "", "name": "", "revision": 0, "body": None}
        self.tell(ConfigRevision(id="c", at=START, complete=True, **complete))
        self.tell(Tick(id="t", at=START, processed=START))

    def tell(self, said: Message) -> list[str]:
        """Apply one message; the reasons of what could not be handled."""
        raw = self.signer.sign(said.encode(), bound(said.kind, INBOX))
        out = self.machine.apply(self.machine.head.seen + 1, START, raw)
        return [output.reason for output in out if output.reason]

    def row(self) -> Row:
        """The alert's row."""
        return next(self.machine.scan_sorted("4"))

    def status(self) -> Status:
        """How it stands; once it has rested it is as if it had never been."""
        return next((row.value["status"] for row in self.machine.scan_sorted("4")), Status.RESOLVED)

    def cause(self, cause: Cause) -> list[str]:
        """Let something happen to the alert."""
        if cause in (Cause.ACKNOWLEDGE, Cause.RESOLVE):
            return self.command(cause)
        if cause is Cause.EXPIRE:
            return self.pass_time(HELD + 1_000 * SPREAD)
        self.turn += 1
        severity = "critical" if cause is Cause.WORSEN else "warning"
        state = "ok" if cause is Cause.CLEAR else "firing"
        fixed: dict[str, Any] = {
            "rule_id": "rule",
            "rule": "r",
            "gateway": "g",
            "labels": {},
            "message": "m",
            "reason": "why",
        }
        verdict = Verdict(
            instance=INSTANCE,
            turn=self.turn,
            state=state,
            severity=severity,
            at=START,
            since=START,
            value=1,
            **fixed,
        )
        return self.tell(Verdicts(id=f"v{self.turn}", at=START, team="t", why_team="w", verdicts=[verdict]))

    def pass_time(self, length: int) -> list[str]:
        """Let attended time pass, ms."""
        self.machine.clock.active += length
        return self.tell(Tick(id="later", at=START, processed=START))

    def command(self, do: Any, by: Principal | None = None) -> list[str]:
        """A person's command."""
        self.turn += 1
        asked = Command(
            id=f"c{self.turn}",
            at=START,
            do=do,
            team="t",
            by=by or Principal(name="anna", admin=True),
            alert=INSTANCE,
        )
        return self.tell(asked)


PATHS: dict[Status, list[Cause]] = {
    Status.FIRING: [Cause.FIRE],
    Status.ACKNOWLEDGED: [Cause.FIRE, Cause.ACKNOWLEDGE],
    Status.RESOLVED: [Cause.FIRE, Cause.CLEAR],
}


@pytest.mark.parametrize(("status", "cause"), list(product(Status, Cause)), ids=str)
def test_every_move_is_in_the_table(status: Status, cause: Cause) -> None:
    """What the table says happens, and what it does not say does not; what is worse after its end has begun anew."""
    alert = Alert()
    for step in PATHS[status]:
        critical = (step, cause) == (Cause.FIRE, Cause.EXPIRE)
        assert alert.cause(Cause.WORSEN if critical else step) == []
    assert alert.row().value["status"] == status
    assert alert.cause(cause) == []
    meant = Cause.FIRE if (status, cause) == (Status.RESOLVED, Cause.WORSEN) else cause
    assert alert.status() == TRANSITIONS.get((status, meant), status)


def test_an_occurrence_has_an_id_of_its_own() -> None:
    """Who fires again after its end is another alert, and an older one can no longer be commanded."""
    alert = Alert()
    alert.cause(Cause.FIRE)
    first = alert.row().value["id"]
    alert.cause(Cause.CLEAR)
    alert.cause(Cause.FIRE)
    assert alert.row().value["id"] != first


def test_an_older_turn_changes_nothing() -> None:
    """The highest turn wins, so a duplicate or a late verdict is no news."""
    alert = Alert()
    alert.cause(Cause.FIRE)
    alert.turn -= 1
    alert.cause(Cause.CLEAR)
    assert alert.row().value["status"] == Status.FIRING


def test_acknowledgement_is_undone_by_worse_only() -> None:
    """A severity that rose after somebody had it is news; one that fell is not."""
    alert = Alert()
    for cause in (Cause.WORSEN, Cause.ACKNOWLEDGE, Cause.FIRE):
        alert.cause(cause)
    assert alert.row().value["status"] == Status.ACKNOWLEDGED
    alert.cause(Cause.WORSEN)
    assert (alert.row().value["status"], alert.row().value["acknowledged_by"]) == (Status.FIRING, None)


def test_a_stranger_commands_nothing() -> None:
    """Neither an administrator nor of the team: refused, whatever the API let through."""
    alert = Alert()
    alert.cause(Cause.FIRE)
    alert.command("acknowledge", Principal(name="eve", teams=["u"]))
    assert alert.row().value["status"] == Status.FIRING
    alert.command("acknowledge", Principal(name="ben", teams=["t"]))
    assert alert.row().value["acknowledged_by"] == "ben"


def test_a_resolved_alert_rests_and_goes() -> None:
    """Its row is kept for late duplicates, not for ever."""
    alert = Alert()
    alert.cause(Cause.FIRE)
    alert.cause(Cause.CLEAR)
    wake = alert.row().deadline
    assert wake is not None
    alert.machine.clock.active = wake
    alert.tell(Tick(id="t2", at=START, processed=START))
    assert list(alert.machine.scan_sorted("4")) == []


def test_only_what_is_critical_is_held_for_a_limited_time() -> None:
    """A warning stays acknowledged, and so does what has become one."""
    warning, fallen = Alert(), Alert()
    for cause in (Cause.FIRE, Cause.ACKNOWLEDGE, Cause.EXPIRE):
        warning.cause(cause)
    for cause in (Cause.WORSEN, Cause.ACKNOWLEDGE, Cause.FIRE, Cause.EXPIRE):
        fallen.cause(cause)
    assert [one.row().value["status"] for one in (warning, fallen)] == [Status.ACKNOWLEDGED] * 2
    assert fallen.row().value["acknowledged_until"] is None


def test_to_acknowledge_again_is_to_have_it_for_longer() -> None:
    """The hour begins anew, and the moment of the first acknowledgement stays."""
    alert = Alert()
    for cause in (Cause.WORSEN, Cause.ACKNOWLEDGE):
        alert.cause(cause)
    first = dict(alert.row().value)
    alert.pass_time(HELD // 2)
    alert.cause(Cause.ACKNOWLEDGE)
    alert.pass_time(HELD // 2 + 1_000 * SPREAD)
    again = alert.row().value
    assert again["acknowledged_until"] > first["triggered_at"] + HELD // 2
    assert (again["status"], again["acknowledged_at"]) == (Status.ACKNOWLEDGED, first["acknowledged_at"])
