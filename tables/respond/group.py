"""Level 7, groups: the alerts of one rule on one gateway, told of together.

A group keeps counts, never its members: so a hundred thousand alerts are one small row.
"""

from __future__ import annotations

from collections.abc import Mapping
from heapq import nsmallest
from typing import TYPE_CHECKING, Any, NamedTuple

from streams.messages.said import Line, Severity
from tables.kernel.row import Row
from tables.respond import escalation, order
from tables.respond.lifecycle import RANK, Status
from tables.respond.line import line

if TYPE_CHECKING:
    from tables.respond.machine import Respond

LINES = 20
Alert = Mapping[str, Any]  # the value of its row
_SHARED = ("team", "rule", "rule_id", "gateway", "routing", "policy", "rule_team", "labels")


class News(NamedTuple):
    """What moved alerts mean for people. `lapsed`: whose acknowledgement has ended; `held`: attended ms of its end."""

    joined: bool = False
    worse: bool = False
    lapsed: str = ""
    held: int | None = None


def changed(machine: Respond, alert: Row, before: dict[str, Any]) -> None:
    """An alert moved: its group counts anew, and its escalation decides what that means for people.

    `before`: how it was.
    """
    row = machine.open(f"7/{alert.value['group']}")
    if row is None:
        return
    orders = order.under_way(row)
    was, now = order.foreseen(orders, before), order.foreseen(orders, alert.value)
    counts = dict(row.value.get("counts", {}))
    for one, step in ((was, -1), (now, 1)):
        if one.get("status", Status.RESOLVED) != Status.RESOLVED:
            name = f"{one['status']}/{one['severity']}"
            counts[name] = counts.get(name, 0) + step
    row.value |= {"counts": tidy(counts)} | {name: now[name] for name in _SHARED}
    news = _news(was, now)
    if news.joined and not row.value.get("since"):
        row.value["since"] = now["triggered_at"]
    elif not row.value["counts"]:
        row.value["since"] = None
    escalation.decide(machine, row, now, news)
    if not row.value["counts"]:
        machine.kill(row)


def tidy(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts as a row keeps them: by name, and none that are 0."""
    return {name: count for name, count in sorted(counts.items()) if count}


def _news(was: Alert, now: Alert) -> News:
    before, after = was.get("status", Status.RESOLVED), now["status"]
    same, joined = was.get("id") == now["id"], (before, after) == (Status.RESOLVED, Status.FIRING)
    worse = same and was.get("worse", 0) < now["worse"]
    lapsed = same and not worse and (before, after) == (Status.ACKNOWLEDGED, Status.FIRING)
    return News(joined, worse, was["acknowledged_by"] if lapsed else "")


def lines(machine: Respond, key: str, status: str) -> list[Line]:
    """The alerts of a group that a notification shows: those of a status before the others, the worst, the oldest."""
    orders = order.under_way(machine.rows.get(f"7/{key}"))

    def place(row: Row) -> tuple[bool, int, int, str]:
        alert = row.value
        stands = order.standing(orders, alert)[0]
        return stands != status, -RANK[alert["severity"]], alert["triggered_at"], row.key

    first = nsmallest(LINES, machine.among(f"4/{key}"), place)
    return [line(order.foreseen(orders, row.value)) for row in first]


def count(group: dict[str, Any], status: str = "") -> int:
    """How many alerts of a status (all open ones without) the group holds."""
    return sum(n for name, n in group.get("counts", {}).items() if name.startswith(status))


def severity(group: dict[str, Any]) -> Severity:
    """The highest severity among the open alerts."""
    present = {name.split("/")[1] for name in group.get("counts", {})}
    worst: list[Severity] = sorted((name for name in RANK if name in present), key=RANK.__getitem__)
    return worst[-1] if worst else "info"
