"""How often the same was wrong before, and how it ended: what helps whoever meets it now."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, RowMapping, func, select

from api.instant import spell
from sinks.history import schema

SHOWN = 5
MONTH = 30 * 86_400_000  # ms
_of = schema.alerts.c
_INSTANTS = ("triggered_at", "resolved_at")


def earlier(connection: Connection, alert: RowMapping) -> dict[str, Any]:
    """The latest occurrences before this one of what its fingerprint names, and how many there were in a month."""
    before = (
        _of.fingerprint == alert["fingerprint"],
        _of.team == alert["team"],
        _of.triggered_at < alert["triggered_at"],
    )
    columns = (
        _of.id, _of.severity, _of.triggered_at, _of.resolved_at, _of.acknowledged_by, _of.resolved_by,
        _of.resolution_notes,
    )  # fmt: skip
    query = select(*columns).where(*before).order_by(_of.triggered_at.desc()).limit(SHOWN)
    month = _of.triggered_at >= alert["triggered_at"] - MONTH
    count = connection.scalar(select(func.count()).select_from(schema.alerts).where(*before, month))
    items = [
        dict(row) | {name: spell(row[name]) for name in _INSTANTS}
        for row in connection.execute(query).mappings()
    ]
    return {"within_month": count or 0, "items": items}
