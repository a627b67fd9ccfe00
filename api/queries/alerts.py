"""One alert as the outside sees it, and the timeline that explains it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, or_, select

from api.instant import spell
from api.queries.anomaly import anomaly, dismissed
from sinks.history import schema

DEMONSTRATION = "demonstration"  # the team and the gateway whose alerts are labelled so
AFTERWARDS = 10 * 60_000  # ms after its end that an alert's timeline goes on
MOST = 1_000  # entries of one timeline
_of, _then = schema.alerts.c, schema.timeline.c
_INSTANTS = ("triggered_at", "acknowledged_at", "resolved_at", "updated_at")
_INNER = ("version", "partition", "offset", "snapshot")
_BESIDES = (  # of its own changes, those that are not why it fires
    "acknowledged",
    "extended",
    "unacknowledged",
    "doubted",
    "confirmed",
)


def explained() -> tuple[Any, Any]:
    """Why it fires, or is over, and the newest snapshot, which says more of it than the table has columns for."""
    own = and_(_then.alert_id == _of.id, _then.subject == "alert")
    why = select(_then.reason).where(own, _then.what.not_in(_BESIDES))
    return _newest(why, "reason"), _newest(select(_then.snapshot).where(own), "snapshot")


def _newest(query: Select[Any], name: str) -> Any:
    return query.order_by(_then.sequence.desc()).limit(1).scalar_subquery().label(name)


def shown(row: RowMapping) -> dict[str, Any]:
    """One alert as answers, the stream and the page have it."""
    alert = {name: value for name, value in row.items() if name not in _INNER}
    alert |= {name: spell(row[name]) for name in _INSTANTS}
    newest = row["snapshot"] or {}
    until = newest.get("acknowledged_until") if row["status"] == "acknowledged" else None
    return alert | {
        "reason": row["reason"] or "",
        "acknowledged_until": spell(until),
        "doubts": newest.get("doubts") or [],
        "demonstration": DEMONSTRATION in (row["team"], row["gateway"]),
    }


def one(
    connection: Connection, alert_id: str, teams: list[str] | None, timeline: bool = False
) -> dict[str, Any] | None:
    """The alert with this id, where one of the teams owns it; with `timeline` all that happened."""
    query = select(schema.alerts, *explained()).where(_of.id == alert_id)
    row = connection.execute(query if teams is None else query.where(_of.team.in_(teams))).mappings().first()
    if row is None:
        return None
    if not timeline:
        return shown(row)
    more = {"anomaly": anomaly(connection, row), "dismissed": dismissed(connection, row)}
    return shown(row) | {"timeline": history(connection, row), **more}


def history(connection: Connection, alert: RowMapping) -> list[dict[str, Any]]:
    """Its own changes, and its group's while it lasted: who was told, what became of that, who did what."""
    end = alert["resolved_at"]
    group = [
        _then.group == alert["group"],
        _then.group != "",
        _then.subject != "alert",
        _then.at >= alert["triggered_at"],
    ]
    if end is not None:
        group.append(_then.at <= end + AFTERWARDS)
    wanted = and_(_then.team == alert["team"], or_(_then.alert_id == alert["id"], and_(*group)))
    rows = connection.execute(
        select(schema.timeline).where(wanted).order_by(_then.at, _then.sequence).limit(MOST)
    ).mappings()
    return [happened(row) for row in rows]


def happened(row: RowMapping) -> dict[str, Any]:
    """One entry of a timeline, as answers and the stream have it; the snapshot stays inside."""
    names = ("sequence", "id", "subject", "subject_id", "what", "reason", "by", "team", "alert_id", "group")
    return {name: row[name] for name in names} | {
        "at": spell(row["at"]),
        "title": f"{row['subject']} {row['what']}",
    }
