"""Level 4, who has an alert: until it is over, or where it is critical for an hour, unless it is said again.

A person acknowledges a whole group. The group knows it at once, and so do all who are told of it; the alert that was
named obeys at once, the others in portions (`tables.respond.order`), since there may be a hundred thousand.

Somebody who has a critical alert may have fallen asleep over it. So ten minutes before the hour is over those who were
told are reminded, and then the escalation starts again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from streams.duration import spell
from streams.messages.bulk import Order, Portion, span
from streams.messages.said import Command
from tables.kernel.row import Row
from tables.respond import alert, group, order
from tables.respond.lifecycle import TRANSITIONS, Cause, Status

if TYPE_CHECKING:
    from tables.respond.machine import Respond

HELD = 3_600_000  # attended ms that an acknowledgement of something critical lasts
SPREAD = 28  # seconds over which the alerts of one group end it, so that a hundred thousand are not one tick's work


def acknowledge(machine: Respond, command: Command) -> str:
    """One person has it: all alerts of the group that were open when the command was given.

    What was acknowledged before, and is held for a limited time, is held for longer. The alert that was named obeys by
    what it holds itself, whatever its group says; the command is refused only where neither of them finds anything.
    """
    gateway, rule, _ = (*command.alert.split("|", 2), "", "")[:3]
    clock, of = machine.clock, f"{command.team}/{rule}|{gateway}"
    said = Order(
        offset=machine.offset, at=command.at, now=clock.now, attended=clock.attended,
        by=command.by.name, notes=command.notes[: order.NOTES],
    )  # fmt: skip
    named = machine.rows.get(alert.key(command.team, command.alert))
    before = dict(named.value) if named is not None and order.last([said], named.value) else {}
    if named is not None:
        _obey(machine, named, said, "it")
    return order.give(machine, of, said, before)


def carry_on(machine: Respond, said: Portion) -> None:
    """One portion of a group's alerts obeys, each by itself, whatever the others do: on a replay they may be newer."""
    keys = span(f"4/{said.team}/", said.part, said.order.parts)
    for row in machine.alive(f"4/{said.group}", **keys):
        if why := machine.unit(_obey, machine, row, said.order, "its group"):
            machine.bury(row.key, why, "portion")
            machine.unit(_pass_over, machine, row, said.order)
    order.follow(machine, said)


def _pass_over(machine: Respond, row: Row, said: Order) -> None:
    """An alert failed at obeying: the order covers it no more, so its group counts it, and tells of it, as it is."""
    if machine.open(row.key) is not None:
        before, row.value["after"] = dict(row.value), said.offset
        group.changed(machine, row, before)


def _obey(machine: Respond, row: Row, said: Order, what: str) -> None:
    if order.last([said], row.value) is None or machine.open(row.key) is None:
        return
    value, again = row.value, row.value["status"] == Status.ACKNOWLEDGED
    value |= {"status": TRANSITIONS[Status(value["status"]), Cause.ACKNOWLEDGE], "acknowledged_by": said.by}
    value |= {"acknowledged_at": value["acknowledged_at"] if again else said.now, "after": said.offset}
    why = f"{said.by} acknowledged {what}{' again' if again else ''}" + (
        f": {said.notes}" if said.notes else ""
    )
    if value["severity"] == "critical":
        row.wake = said.attended + HELD + 1_000 * (crc32(row.key.encode()) % SPREAD)
        value["acknowledged_until"] = machine.clock.instant(row.wake)
        why += f"; for {spell(HELD)}, since it is critical"
    alert.change(machine, row, "extended" if again else "acknowledged", why, said.by)


def expire(machine: Respond, row: Row) -> None:
    """The time is over, and it is as wrong as it was: nobody has it any more."""
    before, by = dict(row.value), row.value["acknowledged_by"]
    row.value["status"] = TRANSITIONS[Status.ACKNOWLEDGED, Cause.EXPIRE]
    alert.unhand(row)
    alert.change(machine, row, "unacknowledged", ended(by))
    group.changed(machine, row, before)


def ended(by: str) -> str:
    """Why people hear of it again."""
    return f"{by} acknowledged it {spell(HELD)} ago, and it is still critical: that acknowledgement has ended"
