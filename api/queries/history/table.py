"""The table of past alerts, page by page: the newest first."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from api.queries.alerts import explained, shown
from api.queries.cursor import Cursor
from api.queries.history.selection import Selection
from sinks.history import schema

_of = schema.alerts.c


def total(connection: Connection, selection: Selection) -> int:
    """How many alerts are meant."""
    where = selection.where(connection.dialect.name)
    return connection.scalar(select(func.count()).select_from(schema.alerts).where(where)) or 0


def rows(
    connection: Connection, selection: Selection, after: Cursor | None, limit: int
) -> tuple[list[dict[str, Any]], Cursor | None]:
    """One page of alerts as answers have them, and where the next one begins; None: there is none."""
    id_ = _of.id.collate("C" if connection.dialect.name == "postgresql" else "BINARY")
    query = select(schema.alerts, *explained()).where(selection.where(connection.dialect.name))
    if after is not None:
        later = and_(_of.triggered_at == after.at, id_ > after.id)
        query = query.where(_of.triggered_at <= after.at, or_(_of.triggered_at < after.at, later))
    selected = (
        connection.execute(query.order_by(_of.triggered_at.desc(), id_).limit(limit + 1)).mappings().all()
    )
    last = selected[limit - 1] if len(selected) > limit else None
    following = Cursor(0, last["triggered_at"], last["id"]) if last is not None else None
    return [shown(row) for row in selected[:limit]], following
