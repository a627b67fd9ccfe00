"""The timeline as it grows: what came after a sequence, for the live stream."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, exists, func, or_, select

from api.queries.alerts import explained, happened, shown
from api.queries.position import projected
from sinks.history import schema

_of, _alert = schema.timeline.c, schema.alerts.c


Places = dict[int, int]  # partition of `changes` → the first offset that has not been looked at


class Entry(NamedTuple):
    """One thing that happened, and the alert that it is about as it is now, where it is about one."""

    sequence: int
    change: dict[str, Any]
    alert: dict[str, Any] | None


def bounds(connection: Connection) -> tuple[int, int]:
    """The oldest and the newest sequence that are kept; (1, 0) where there is none."""
    first, last = connection.execute(select(func.min(_of.sequence), func.max(_of.sequence))).one()
    return (first, last) if last is not None else (1, 0)


def after(
    connection: Connection, sequence: int, teams: list[str] | None, limit: int
) -> tuple[list[Entry], int]:
    """At most `limit` entries of the teams after a sequence, and up to which sequence all has been looked at."""
    newest = connection.scalar(select(func.max(_of.sequence))) or 0
    query = select(schema.timeline).where(_of.sequence > sequence)
    query = query if teams is None else query.where(_of.team.in_(teams))
    rows = connection.execute(query.order_by(_of.sequence).limit(limit)).mappings().all()
    touched = {row["alert_id"] for row in rows if row["subject"] == "alert" and row["alert_id"]}
    alerts = _present(connection, touched, teams)
    last = {row["alert_id"]: row["sequence"] for row in rows if row["subject"] == "alert"}
    entries = [
        Entry(row["sequence"], happened(row), alerts.get(row["alert_id"]) if _is_last(row, last) else None)
        for row in rows
    ]
    through = entries[-1].sequence if entries else sequence
    done = through if len(rows) == limit else max(newest, through)
    return entries, done


def _present(connection: Connection, ids: set[str], teams: list[str] | None) -> dict[str, dict[str, Any]]:
    """These alerts of the teams as they are now, by id; all with one query."""
    query = select(schema.alerts, *explained()).where(_alert.id.in_(ids))
    query = query if teams is None else query.where(_alert.team.in_(teams))
    return {row["id"]: shown(row) for row in connection.execute(query).mappings()}


def renewed(
    connection: Connection, since: Places, teams: list[str] | None, limit: int
) -> tuple[list[dict[str, Any]], Places]:
    """At most `limit` alerts that have only another value since some places, as they are now; and up to where that is.

    Whatever else happens to an alert has a line of the timeline at that instant, which shows it.
    """
    until = projected(connection)
    moved = [
        and_(_alert.partition == partition, _alert.offset >= since.get(partition, end), _alert.offset < end)
        for partition, end in until.items()
        if since.get(partition, end) < end
    ]
    if not moved:
        return [], until
    listed = exists().where(_of.alert_id == _alert.id, _of.subject == "alert", _of.at == _alert.updated_at)
    query = select(schema.alerts, *explained()).where(or_(*moved), ~listed)
    query = query if teams is None else query.where(_alert.team.in_(teams))
    rows = connection.execute(query.order_by(_alert.partition, _alert.offset).limit(limit)).mappings().all()
    if len(rows) == limit:
        last = rows[-1]
        later = {place: since.get(place, end) for place, end in until.items() if place > last["partition"]}
        until = until | later | {last["partition"]: last["offset"] + 1}
    return [shown(row) for row in rows], until


def _is_last(row: Any, last: dict[str, int]) -> bool:
    """Of several changes of one alert in one look, only the last shows it, for it is shown as it is now."""
    return bool(row["subject"] == "alert" and last.get(row["alert_id"]) == row["sequence"])
