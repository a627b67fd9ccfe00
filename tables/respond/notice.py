"""What an escalation says: notifications, their cancellation, and notes for the product's memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streams.said import Cancel, Change, Notification
from streams.topics import CHANGES, NOTIFY
from tables.respond import group
from tables.respond.lifecycle import Status
from tables.respond.line import line
from tables.row import Row

if TYPE_CHECKING:
    from tables.respond.machine import Respond

PENDING = 100  # notifications of an escalation whose receipts are waited for
USEFUL = 3_600_000  # ms that an attempt to deliver stays of use


def tell(
    machine: Respond, row: Row, targets: list[str], what: str, reason: str, over: list[dict[str, Any]]
) -> None:
    """Notify targets of the group as it is now, or (with `over`) of alerts that have ended."""
    held, now = row.value["group"], machine.clock.now
    told, firing = row.value.get("most", 0), group.count(held, Status.FIRING)
    status = Status.FIRING if firing else Status.ACKNOWLEDGED  # somebody who has it is reminded
    lines = [line(alert) for alert in over] or group.lines(machine, row.key[2:], status)
    count = max(told, len(over)) if over else group.count(held, status)
    severity = group.severity(held) if not over else over[0]["severity"]
    many = f"all {count} alerts are over" if over else f"{count} alerts"
    alone = lines[0] if lines and count == 1 else None
    title = alone.message if alone else f"{many}: {held['rule']} on {held['gateway']}"
    delayed = machine.clock.delayed(row.value.get("at", now))
    for to in targets:
        id = machine.say(
            row, NOTIFY, to, Notification, to=to, team=held["team"], group=row.key[2:], what=what,
            severity=severity, title=title,
            valued_at=alone.valued_at if alone else None, reason=reason, step=max(row.value.get("step", 0), 0),
            count=count, lines=lines, delayed=delayed, deadline=now + USEFUL,
        )  # fmt: skip
        if not over:
            row.value["asked"] = sorted({*row.value.get("asked", []), to})
            row.value["pending"] = dict([*row.value["pending"].items(), (mark(id), to)][-PENDING:])
            row.value["told"], row.value["most"] = machine.clock.attended, max(told, count)
    note(machine, row, what, f"{', '.join(to.rsplit('/', 1)[-1] for to in targets)}: {reason}")


def mark(id: str) -> str:
    """What tells a notification from all others of its escalation: the end of its id."""
    return id.rpartition("@")[2]


def cancel(machine: Respond, row: Row, reason: str) -> None:
    """Stop what is still pending for everybody who was asked."""
    for to in row.value.get("asked", []):
        machine.say(row, NOTIFY, to, Cancel, to=to, group=row.key[2:], reason=reason)


def note(machine: Respond, row: Row, what: str, reason: str) -> None:
    """Write into the product's memory what was, or was not, said of the group, and why."""
    group, team = row.key[2:], row.key.split("/")[1]
    machine.say(
        row, CHANGES, team, Change, team=team, subject="notification", subject_id=group, what=what,
        reason=reason, group=group,
    )  # fmt: skip
