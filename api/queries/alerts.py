"""One alert as the outside sees it, and the timeline that explains it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, select, union

from api.instant import spell
from api.queries.alert.curve import curve
from api.queries.alert.earlier import earlier
from api.queries.alert.told import told
from api.queries.alert.upcoming import upcoming
from api.queries.anomaly import anomaly, dismissed
from sinks.history import schema

DEMONSTRATION = "demonstration"  # the team and the gateway whose alerts are labelled so
AFTERWARDS = 10 * 60_000  # ms after its end that an alert's timeline goes on
MOST = 1_000  # entries of one timeline, the newest
_of, _then = schema.alerts.c, schema.timeline.c
_TOLD = ("notification", "attempt")  # subjects of changes about a group
_INSTANTS = (
    "triggered_at", "acknowledged_at", "acknowledged_until", "first_acknowledged_at", "resolved_at", "updated_at",
    "suppressed_since",
)  # fmt: skip
_INNER = ("version", "partition", "offset", "suppressed_for")
_WHY = (
    "fired",
    "worsened",
    "updated",
    "resolved",
    "missed",
)  # of its own changes, those that say why it stands so
_AGAIN = ("released", "unacknowledged")  # those after which people hear of what they did not, or had in hand


def explained() -> tuple[Any, Any]:
    """Why it fires or is over, and why people hear of it now where that is another reason: its newest such changes."""
    return _newest_reason(_WHY, "reason"), _newest_reason(_AGAIN, "told_again")


def _newest_reason(whats: tuple[str, ...], name: str) -> Any:
    own = and_(_then.alert_id == _of.id, _then.subject == "alert", _then.what.in_(whats))
    newest = select(_then.reason).where(own).order_by(_then.sequence.desc()).limit(1)
    return newest.scalar_subquery().label(name)


def shown(row: RowMapping) -> dict[str, Any]:
    """One alert as answers, the stream and the page have it."""
    alert = {name: value for name, value in row.items() if name not in _INNER}
    alert |= {name: spell(row[name]) for name in _INSTANTS}
    until = alert["acknowledged_until"] if row["status"] == "acknowledged" else None
    return alert | {
        "acknowledged_until": until,
        "reason": row["reason"] or "",
        "told_again": row["told_again"] or "",
        "suppression": _suppression(row["suppression"]),
        "suppressed_seconds": row["suppressed_for"] / 1000,
        "demonstration": DEMONSTRATION in (row["team"], row["gateway"]),
    }


def newest(connection: Connection, fingerprint: str, team: str) -> dict[str, Any] | None:
    """The newest occurrence of what a fingerprint names, of a team."""
    mine = and_(_of.fingerprint == fingerprint, _of.team == team)
    query = (
        select(schema.alerts, *explained()).where(mine).order_by(_of.triggered_at.desc(), _of.version.desc())
    )
    row = connection.execute(query.limit(1)).mappings().first()
    return None if row is None else shown(row)


def _suppression(known: dict[str, Any] | None) -> dict[str, Any] | None:
    """Why nobody is told of it; None where people are."""
    return None if known is None else known | {"until": spell(known.get("until"))}


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
    rows = history(connection, row)
    return shown(row) | {
        "timeline": [happened(row) for row in rows],
        "told": told(rows),
        "next": upcoming(row, rows),
        "earlier": earlier(connection, row),
        "values": curve(connection, row),
        "anomaly": anomaly(connection, row),
        "dismissed": dismissed(connection, row),
    }


def history(connection: Connection, alert: RowMapping) -> Sequence[RowMapping]:
    """Its own changes, and what was told of its groups while it lasted: to whom, and what became of that."""
    own = select(_then.sequence).where(_then.alert_id == alert["id"])
    groups = _then.group.in_(alert["groups"]) & _then.subject.in_(_TOLD) & (_then.at >= alert["triggered_at"])
    if alert["resolved_at"] is not None:
        groups &= _then.at <= alert["resolved_at"] + AFTERWARDS
    matching = union(
        own, select(_then.sequence).where(groups)
    )  # each by its own index, as an OR would not be
    query = select(schema.timeline).where(_then.sequence.in_(matching), _then.team == alert["team"])
    newest = query.order_by(_then.at.desc(), _then.sequence.desc()).limit(MOST)
    return connection.execute(newest).mappings().all()[::-1]


def happened(row: RowMapping) -> dict[str, Any]:
    """One entry of a timeline, as answers and the stream have it; the snapshot stays inside."""
    return {name: value for name, value in row.items() if name not in ("at", "snapshot")} | {
        "at": spell(row["at"]),
        "title": f"{row['subject']} {row['what']}",
    }
