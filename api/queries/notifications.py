"""What the teams of a person were told, newest first, and which of it the person has read."""

from __future__ import annotations

from typing import Any, NamedTuple, get_args

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, func, or_, select

from api.instant import spell
from sinks.history import schema
from streams.messages.notification import Purpose

PURPOSES = get_args(Purpose)
COUNTED = 1_000  # unread ones; more are said as so many
_then, _marks, _through = schema.timeline.c, schema.read_marks.c, schema.read_through.c


class NotificationReader(NamedTuple):
    """Who reads, of which teams; None: of all."""

    person: str
    teams: list[str] | None


def page(
    connection: Connection, reader: NotificationReader, before: int | None, limit: int, unread: bool = False
) -> dict[str, Any]:
    """One page, how many are unread in all, and the sequence from which the live stream goes on."""
    where = [_told(reader)]
    if before is not None:
        where.append(_then.sequence < before)
    if unread:
        where.append(~_read(reader))
    query = _select(reader).where(*where).order_by(_then.sequence.desc()).limit(limit + 1)
    rows = connection.execute(query).mappings().all()
    return {
        "items": [_shown(connection, row) for row in rows[:limit]],
        "unread": count_unread(connection, reader),
        "next_cursor": str(rows[limit - 1]["sequence"]) if len(rows) > limit else None,
        "sequence": connection.scalar(select(func.max(_then.sequence))) or 0,
    }


def after(
    connection: Connection, reader: NotificationReader, sequence: int, limit: int
) -> tuple[list[dict[str, Any]], int]:
    """At most `limit` notifications after a sequence, oldest first, and up to which sequence all was looked at."""
    newest = connection.scalar(select(func.max(_then.sequence))) or 0
    query = (
        _select(reader).where(_told(reader), _then.sequence > sequence).order_by(_then.sequence).limit(limit)
    )
    rows = connection.execute(query).mappings().all()
    items = [_shown(connection, row) for row in rows]
    return items, items[-1]["sequence"] if len(rows) == limit else max(newest, sequence)


def count_unread(connection: Connection, reader: NotificationReader) -> int:
    """How many are unread; COUNTED at most."""
    some = select(_then.sequence).where(_told(reader), ~_read(reader)).limit(COUNTED).subquery()
    return connection.scalar(select(func.count()).select_from(some)) or 0


def _select(reader: NotificationReader) -> Any:
    names = ("sequence", "id", "at", "team", "group", "what", "reason_code", "reason")
    return select(*(_then[name] for name in names), _read(reader).label("read"))


def _told(reader: NotificationReader) -> ColumnElement[bool]:
    told = and_(_then.subject == "notification", _then.what.in_(PURPOSES))
    return told if reader.teams is None else and_(told, _then.team.in_(reader.teams))


def _read(reader: NotificationReader) -> ColumnElement[bool]:
    through = select(_through.sequence).where(_through.person == reader.person).scalar_subquery()
    marked = exists().where(_marks.person == reader.person, _marks.sequence == _then.sequence)
    return or_(_then.sequence <= func.coalesce(through, 0), marked)


def _shown(connection: Connection, row: RowMapping) -> dict[str, Any]:
    """One notification with the alert of its group that had moved last."""
    own = (_then.group == row["group"], _then.subject == "alert", _then.at <= row["at"])
    newest = select(_then.snapshot).where(*own).order_by(_then.at.desc(), _then.sequence.desc()).limit(1)
    alert = connection.scalar(newest) or {}
    shown = {name: alert.get(name) for name in ("severity", "rule", "gateway")}
    return dict(row) | {
        "at": spell(row["at"]),
        "read": bool(row["read"]),
        "alert_id": alert.get("id"),
        "title": alert.get("message") or _rules(connection, row["group"]) or row["what"],
        **shown,
    }


def _rules(connection: Connection, group: str) -> str:
    """The rules whose alerts a group holds, by name."""
    of = schema.group_rules.c
    return ", ".join(connection.scalars(select(of.rule).where(of.group == group).order_by(of.rule).limit(5)))
