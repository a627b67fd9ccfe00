"""Level 3, the ledger: every notification, its attempts and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.duration import spell
from streams.notification_text import told_at
from streams.said import Attempt, Cancel, Change, Notification, Outcome, Receipt
from streams.topics import CHANGES, INBOX, send
from tables.deliver.ledger import OVER, TRANSITIONS, Cause, Stand, pause
from tables.row import Row

if TYPE_CHECKING:
    from tables.deliver.machine import Deliver

PATIENCE = 30_000  # attended ms that an outcome may take
REST = 3_600_000  # attended ms that a finished notification is remembered, for late duplicates
_CAUSES = {"delivered": Cause.DELIVERED, "retry": Cause.RETRY, "rejected": Cause.REJECTED, "late": Cause.LATE}


def take(machine: Deliver, notification: Notification) -> None:
    """A new intent; one that is known already is a duplicate."""
    row = machine.open(f"3/{notification.to}/{notification.id}")
    if row is None or row.value:
        return
    if notification.what != "resolved":
        _supersede(machine, notification)
    row.value = {"said": notification.model_dump(by_alias=True), "stand": Stand.WAITING, "number": 0}
    row.wake = machine.clock.attended + 1
    if machine.speaking:
        machine.wake(row.key)


def _supersede(machine: Deliver, notification: Notification) -> None:
    """What is still pending of the group says what held then: the newer message takes its place."""
    for row in list(machine.alive(_place(notification.to, notification.group))):
        if machine.open(row.key) is not None:
            _finish(machine, row, Cause.CANCEL, "a newer message of its group takes its place")


def due(machine: Deliver, row: Row) -> None:
    """The next attempt, an outcome that never came, or the end of a finished row."""
    stand = Stand(row.value["stand"])
    if stand in OVER:
        machine.kill(row)
    elif not machine.speaking:
        row.wake = machine.clock.attended + 1_000
    elif stand is Stand.TRYING:
        words = f"no outcome within {spell(PATIENCE)}: sent again under the same id"
        _again(machine, row, Cause.UNKNOWN, words, None)
    else:
        _attempt(machine, row)


def _attempt(machine: Deliver, row: Row) -> None:
    said = Notification.read(row.value["said"])
    endpoint = machine.endpoint(said.to)
    if machine.clock.now >= said.deadline:
        tries = row.value["number"]
        _finish(machine, row, Cause.LATE, f"not delivered within its time, after {tries} attempts")
        return
    if endpoint is None:
        row.value["stand"] = Stand.TRYING
        _finish(machine, row, Cause.REJECTED, f"{said.to} does not exist")
        return
    row.value |= {"stand": TRANSITIONS[Stand.WAITING, Cause.ATTEMPT], "number": row.value["number"] + 1}
    number, channel = row.value["number"], endpoint.channel
    machine.say(
        row, send(channel, said.severity == "critical"), said.to, Attempt,
        notification=told_at(said, machine.clock.now), channel=channel,
        endpoint=endpoint.body(), number=number, deadline=min(said.deadline, machine.clock.now + PATIENCE),
    )  # fmt: skip
    row.wake = machine.clock.attended + PATIENCE
    _change(machine, row, "attempt", "sent", f"attempt {number} by {channel}")


def hear(machine: Deliver, outcome: Outcome) -> None:
    """What an attempt brought; only a delivery counts when it comes late."""
    known = machine.rows.get(f"3/{outcome.to}/{outcome.notification}")
    if known is None or known.dead:
        return  # an outcome calls no notification into being, nor back
    row = machine.open(known.key)
    if row is None or not row.value:
        return
    stand, cause = Stand(row.value["stand"]), _CAUSES[outcome.result]
    trying = stand is Stand.TRYING and outcome.number == row.value["number"]
    stale = not trying and cause is not Cause.DELIVERED
    if stale or (stand, cause) not in TRANSITIONS:
        return
    words = f"{outcome.reason} (attempt {outcome.number}, {outcome.took} ms)"
    if cause in (Cause.RETRY, Cause.LATE):
        _again(machine, row, Cause.RETRY, words, outcome.after)
    else:
        _finish(machine, row, cause, words)


def _again(machine: Deliver, row: Row, cause: Cause, reason: str, wish: int | None) -> None:
    wait, deadline = pause(row.value["number"], wish), row.value["said"]["deadline"]
    if machine.clock.now + wait >= deadline:
        _finish(machine, row, Cause.LATE, f"{reason}; no time left for another attempt")
        return
    row.value["stand"] = TRANSITIONS[Stand(row.value["stand"]), cause]
    row.wake = machine.clock.attended + wait
    _change(machine, row, "attempt", "retry", f"{reason}; again in {spell(wait)}")


def cancel(machine: Deliver, said: Cancel) -> None:
    """What is still pending of a group for this recipient is of no use any more."""
    for row in list(machine.alive(_place(said.to, said.group))):
        if machine.open(row.key) is not None:
            _finish(machine, row, Cause.CANCEL, said.reason)


def shelf(row: Row) -> str:
    """What is still pending, and can be cancelled, is looked for by recipient and group."""
    said = row.value.get("said")
    if not said or said["what"] == "resolved" or Stand(row.value["stand"]) in OVER:
        return ""
    return _place(said["to"], said["group"])


def _place(to: str, group: str) -> str:
    return f"3/{to}|{group}"


def _finish(machine: Deliver, row: Row, cause: Cause, reason: str) -> None:
    stand = TRANSITIONS[Stand(row.value["stand"]), cause]
    row.value["stand"], row.wake = stand, machine.clock.attended + REST
    said = row.value["said"]
    machine.say(
        row, INBOX, said["team"], Receipt, team=said["team"], group=said["group"], to=said["to"],
        notification=said["id"], result=stand, what=said["what"], reason=reason, transient=cause is Cause.LATE,
    )  # fmt: skip
    _change(machine, row, "notification", stand, reason)


def _change(machine: Deliver, row: Row, subject: str, what: str, reason: str) -> None:
    said = row.value["said"]
    words = f"{said['what']} to {said['to'].removeprefix('endpoint/')}: {reason}"
    machine.say(
        row, CHANGES, said["team"], Change, team=said["team"], subject=subject, subject_id=said["id"],
        what=what, reason=words, group=said["group"],
    )  # fmt: skip
