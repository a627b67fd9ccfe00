"""Level 4, who has an alert: until it is over, or where it is critical for an hour, unless it is said again.

Somebody who has a critical alert may have fallen asleep over it. So ten minutes before the hour is over those who were
told are reminded, and then the escalation starts again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from streams.duration import spell
from streams.errors import Refused
from streams.said import Command
from tables.respond import alert, group
from tables.respond.lifecycle import TRANSITIONS, Cause, Status
from tables.row import Row

if TYPE_CHECKING:
    from tables.respond.machine import Respond

SKEW = 5_000  # ms by which the API's clock may differ from the broker's
HELD = 3_600_000  # attended ms that an acknowledgement of something critical lasts
SPREAD = 20  # seconds over which the alerts of one group end it, so that a hundred thousand are not one tick's work


def acknowledge(machine: Respond, command: Command) -> str:
    """One person has it: all alerts of the group that were open when the command was given.

    What was acknowledged before, and is held for a limited time, is held for longer. Each row decides by itself,
    whatever the others say: on a replay they may be newer than the command.
    """
    gateway, rule, _ = (*command.alert.split("|", 2), "", "")[:3]
    covered: list[tuple[Row, group.Weight]] = []
    for row in list(machine.alive(f"4/{command.team}/{rule}|{gateway}")):
        if row.value["triggered_at"] <= command.at + SKEW and machine.open(row.key) is not None:
            covered.append((row, group.weight(row.value)))
            _hand(machine, row, command)
    if not covered:
        raise Refused("no alert of its group is firing: there is nothing to acknowledge")
    group.changed(machine, *covered)
    return f"acknowledged {len(covered)} alert{'s' if len(covered) > 1 else ''}"


def _hand(machine: Respond, row: Row, command: Command) -> None:
    value, by = row.value, command.by.name
    again = value["status"] == Status.ACKNOWLEDGED
    value |= {"status": TRANSITIONS[Status(value["status"]), Cause.ACKNOWLEDGE], "acknowledged_by": by}
    value["acknowledged_at"] = value["acknowledged_at"] if again else machine.clock.now
    what = "it" if value["instance"] == command.alert else "its group"
    why = f"{by} acknowledged {what}{' again' if again else ''}" + (
        f": {command.notes}" if command.notes else ""
    )
    if value["severity"] == "critical":
        row.wake = machine.clock.attended + HELD + 1_000 * (crc32(row.key.encode()) % SPREAD)
        value["acknowledged_until"] = machine.clock.instant(row.wake)
        why += f"; for {spell(HELD)}, since it is critical"
    alert.change(machine, row, "extended" if again else "acknowledged", why, by)


def expire(machine: Respond, row: Row) -> None:
    """The time is over, and it is as wrong as it was: nobody has it any more."""
    before, by = group.weight(row.value), row.value["acknowledged_by"]
    row.value["status"] = TRANSITIONS[Status.ACKNOWLEDGED, Cause.EXPIRE]
    alert.unhand(row)
    alert.change(machine, row, "unacknowledged", ended(by))
    group.changed(machine, (row, before))


def ended(by: str) -> str:
    """Why people hear of it again."""
    return f"{by} acknowledged it {spell(HELD)} ago, and it is still critical: the acknowledgement has ended"
