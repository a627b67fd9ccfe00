"""Level 7, groups: the alerts of one rule on one gateway, told of together.

A group keeps counts and the first lines, never all its members: so a hundred thousand alerts are one small row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from streams.said import Severity
from tables.respond import escalation
from tables.respond.lifecycle import RANK, Status
from tables.respond.line import line
from tables.row import Row

if TYPE_CHECKING:
    from tables.respond.machine import Respond

LINES = 20
_SHARED = ("team", "rule", "rule_id", "gateway", "routing", "policy", "rule_team", "labels")


Moved = tuple[tuple[Row, "Weight"], ...]


class Weight(NamedTuple):
    """What one alert adds to its group."""

    status: str
    severity: str
    worse: int
    alert_id: str
    by: str  # who has it
    until: int | None  # ms UTC, where only for a limited time


class News(NamedTuple):
    """What moved alerts mean for people. `lapsed`: whose acknowledgement has ended; `held`: attended ms of its end."""

    joined: bool
    worse: bool
    lapsed: str
    held: int | None


def weight(alert: dict[str, Any]) -> Weight:
    """What the alert adds to its group as it is now; nothing while resolved."""
    status, severity = alert.get("status", Status.RESOLVED), alert.get("severity", "info")
    by, until = alert.get("acknowledged_by") or "", alert.get("acknowledged_until")
    return Weight(status, severity, alert.get("worse", 0), alert.get("id", ""), by, until)


def changed(machine: Respond, *moved: tuple[Row, Weight]) -> None:
    """Alerts of one group moved: it counts anew, once, and its escalation decides what that means for people.

    `moved`: each alert and what it added before.
    """
    alert = moved[-1][0].value
    row = machine.open(f"7/{alert['group']}")
    if row is None:
        return
    row.value = _counted(row.value, moved) | {name: alert[name] for name in _SHARED}
    news = _news(moved)
    if news.joined and not row.value.get("since"):
        row.value["since"] = alert["triggered_at"]
    elif not row.value["counts"]:
        row.value["since"] = None
    escalation.decide(machine, row, alert, news)
    if not row.value["counts"]:
        machine.kill(row)


def _counted(group: dict[str, Any], moved: Moved) -> dict[str, Any]:
    counts, lines = dict(group.get("counts", {})), dict(group.get("lines", {}))
    for row, before in moved:
        for one, step in ((before, -1), (weight(row.value), 1)):
            if one.status != Status.RESOLVED:
                name = f"{one.status}/{one.severity}"
                counts[name] = counts.get(name, 0) + step
        lines.pop(row.value["id"], None)
        if row.value["status"] != Status.RESOLVED and len(lines) < LINES:
            lines[row.value["id"]] = line(row.value).model_dump()
    return group | {
        "counts": {name: count for name, count in sorted(counts.items()) if count},
        "lines": lines,
    }


def _news(moved: Moved) -> News:
    both = [(before, weight(row.value)) for row, before in moved]
    same = [(before, after) for before, after in both if before.alert_id == after.alert_id]
    fire, had, over = Status.FIRING, Status.ACKNOWLEDGED, Status.RESOLVED
    worse = any(before.worse < after.worse for before, after in same)
    lapsed = (before.by for before, after in same if (before.status, after.status) == (had, fire))
    held = (
        row.wake for row, before in moved if row.value.get("acknowledged_until") not in (None, before.until)
    )
    return News(
        any((before.status, after.status) == (over, fire) for before, after in both),
        worse,
        "" if worse else next(lapsed, ""),
        min(filter(None, held), default=None),
    )


def count(group: dict[str, Any], status: str = "") -> int:
    """How many alerts of a status (all open ones without) the group holds."""
    return sum(n for name, n in group.get("counts", {}).items() if name.startswith(status))


def severity(group: dict[str, Any]) -> Severity:
    """The highest severity among the open alerts."""
    present = {name.split("/")[1] for name in group.get("counts", {})}
    worst: list[Severity] = sorted((name for name in RANK if name in present), key=RANK.__getitem__)
    return worst[-1] if worst else "info"
