"""Level 9, summaries: what happened and ended while we were away: one message a team, instead of a page for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streams.messages.said import Notification
from streams.topics import NOTIFY
from tables.kernel.row import Row
from tables.respond import group, notice, routing
from tables.respond.line import line

if TYPE_CHECKING:
    from tables.respond.machine import Respond

GATHER = 5_000  # attended ms


def add(machine: Respond, alert: dict[str, Any]) -> None:
    """One more alert that nobody needs to be woken for."""
    row = machine.open(f"9/{alert['team']}/summary")
    if row is None:
        return
    row.value["count"] = row.value.get("count", 0) + 1
    row.value["lines"] = [*row.value.get("lines", []), line(alert).model_dump()][: group.LINES]
    about = {name: alert[name] for name in ("team", "rule", "gateway", "labels")}
    row.value["of"] = about | {"routing": [], "policy": ""}
    if row.wake is None:
        row.wake = machine.clock.attended + GATHER


def due(machine: Respond, row: Row) -> None:
    """Send it to whom a new alert of the team would go first."""
    if not machine.speaking:
        row.wake = machine.clock.attended + 1_000
        return
    value, now = row.value, machine.clock.now
    plan = routing.snapshot(machine, value["of"], "info")
    for to in plan["steps"][0][1]:
        machine.say(
            row, NOTIFY, to, Notification, to=to, team=value["of"]["team"], group=row.key[2:], what="summary",
            severity="info", title=f"{value['count']} alerts fired and ended while Tocsin was away",
            reason=plan["why"], step=0, count=value["count"], lines=value["lines"], delayed=True,
            deadline=now + notice.USEFUL,
        )  # fmt: skip
    row.value = {}
