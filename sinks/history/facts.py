"""What an alert's whole life says and its newest version does not: when it was first acknowledged, how long suppressed.

Both come out the same in whatever order the changes arrive, for metrics are counted from them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select, update

from sinks.history import schema
from sinks.history.projection import Placed
from streams.messages.alert import AlertSnapshot

COLUMNS = ("first_acknowledged_at", "suppressed_for")
SUPPRESSING = frozenset({"suppressed", "released"})  # what begins, or ends, a time in which nobody is told
_of, _then = schema.alerts.c, schema.timeline.c


def keep(connection: Connection, changes: Iterable[Placed]) -> None:
    """Bring the facts of the alerts that these changes are about, and that are rows already, up to date."""
    first: dict[str, int] = {}
    suppressed: set[str] = set()
    for _, _, change in changes:
        if change is None or change.alert is None:
            continue
        alert = change.alert
        if alert.acknowledged_at is not None:
            first[alert.id] = min(alert.acknowledged_at, first.get(alert.id, alert.acknowledged_at))
        if change.what in SUPPRESSING or _was_suppressed(alert):
            suppressed.add(alert.id)
    _keep_first(connection, first)
    _keep_suppressed(connection, suppressed)


def _was_suppressed(alert: AlertSnapshot) -> bool:
    return alert.suppression is not None or alert.resolved_at is not None


def _keep_first(connection: Connection, first: dict[str, int]) -> None:
    earlier = or_(_of.first_acknowledged_at.is_(None), _of.first_acknowledged_at > bindparam("at"))
    statement = update(schema.alerts).where(_of.id == bindparam("alert"), earlier)
    if first:
        rows = [{"alert": alert, "at": at} for alert, at in first.items()]
        connection.execute(statement.values(first_acknowledged_at=bindparam("at")), rows)


def _keep_suppressed(connection: Connection, alerts: set[str]) -> None:
    """Count again from the timeline, for those of these alerts that were ever suppressed."""
    ever = select(_then.alert_id).where(
        _then.alert_id.in_(alerts), _then.subject == "alert", _then.what.in_(SUPPRESSING)
    )
    if not alerts or not (silenced := set(connection.scalars(ever))):
        return
    own = select(_then.alert_id, _then.at, _then.what, _then.snapshot).where(
        _then.alert_id.in_(silenced), _then.subject == "alert"
    )
    lives: dict[str, list[tuple[int, int, str, bool]]] = {}
    for alert, at, what, snapshot in connection.execute(own):
        over = (snapshot or {}).get("resolved_at") is not None
        lives.setdefault(alert, []).append(((snapshot or {}).get("version", 0), at, what, over))
    rows: list[dict[str, Any]] = [{"alert": a, "ms": suppressed_for(life)} for a, life in lives.items()]
    statement = update(schema.alerts).where(_of.id == bindparam("alert"))
    connection.execute(statement.values(suppressed_for=bindparam("ms")), rows)


def suppressed_for(life: Iterable[tuple[int, int, str, bool]]) -> int:
    """How long, in ms, an alert was suppressed while it lasted. `life`: version, instant, what, and whether it is over.

    One that is suppressed still counts up to its newest change only.
    """
    total, since, newest = 0, None, 0
    for _, at, what, over in sorted(life):
        newest = max(newest, at)
        if what == "suppressed" and since is None:
            since = at
        elif since is not None and (what == "released" or over):
            total, since = total + max(0, at - since), None
    return total + (max(0, newest - since) if since is not None else 0)
