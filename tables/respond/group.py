"""Level 7, groups: the alerts of one rule on one gateway, told of together.

A group keeps counts and the first lines, never all its members: so a hundred thousand alerts are one small row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from streams.said import Line, Severity
from tables.respond import escalation
from tables.respond.lifecycle import RANK, Status
from tables.row import Row

if TYPE_CHECKING:
    from tables.respond.machine import Respond

LINES = 20
_SHARED = ("team", "rule", "rule_id", "gateway", "routing", "policy", "rule_team", "labels")


class Weight(NamedTuple):
    """What one alert adds to its group."""

    status: str
    severity: str
    worse: int
    alert_id: str


def weight(alert: dict[str, Any]) -> Weight:
    """What the alert adds to its group as it is now; nothing while resolved."""
    status, severity = alert.get("status", Status.RESOLVED), alert.get("severity", "info")
    return Weight(status, severity, alert.get("worse", 0), alert.get("id", ""))


def changed(machine: Respond, alert: Row, before: Weight) -> None:
    """An alert moved: the group counts anew and its escalation decides what that means for people."""
    row = machine.open(f"7/{alert.value['group']}")
    if row is None:
        return
    after, counts = weight(alert.value), dict(row.value.get("counts", {}))
    for one, step in ((before, -1), (after, 1)):
        if one.status != Status.RESOLVED:
            name = f"{one.status}/{one.severity}"
            counts[name] = counts.get(name, 0) + step
    row.value["counts"] = {name: count for name, count in sorted(counts.items()) if count}
    row.value["lines"] = _lines(row.value.get("lines", {}), alert.value)
    row.value |= {name: alert.value[name] for name in _SHARED}
    if before.status == Status.RESOLVED and after.status == Status.FIRING and not row.value.get("since"):
        row.value["since"] = alert.value["triggered_at"]
    elif not row.value["counts"]:
        row.value["since"] = None
    joined = after.status == Status.FIRING and before.status == Status.RESOLVED
    worse = after.worse > before.worse and before.alert_id == after.alert_id
    escalation.decide(machine, row, alert.value, joined, worse)
    if not row.value["counts"]:
        machine.kill(row)


def _lines(lines: dict[str, Any], alert: dict[str, Any]) -> dict[str, Any]:
    lines = {id: line for id, line in lines.items() if id != alert["id"]}
    if alert["status"] != Status.RESOLVED and len(lines) < LINES:
        lines[alert["id"]] = line(alert).model_dump()
    return lines


def line(alert: dict[str, Any]) -> Line:
    """The alert as a notification shows it."""
    same = {name: alert[name] for name in ("status", "severity", "message", "labels")}
    return Line(alert_id=alert["id"], since=alert["triggered_at"], **same)


def count(group: dict[str, Any], status: str = "") -> int:
    """How many alerts of a status (all open ones without) the group holds."""
    return sum(n for name, n in group.get("counts", {}).items() if name.startswith(status))


def severity(group: dict[str, Any]) -> Severity:
    """The highest severity among the open alerts."""
    present = {name.split("/")[1] for name in group.get("counts", {})}
    worst: list[Severity] = sorted((name for name in RANK if name in present), key=RANK.__getitem__)
    return worst[-1] if worst else "info"
