"""How many alerts are open, by status and severity."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from sinks.history.schema import alerts

OPEN = ("firing", "acknowledged")


def count(connection: Connection) -> dict[tuple[str, str], int]:
    """(status, severity) → alerts that are open."""
    columns = alerts.c.status, alerts.c.severity
    counted = connection.execute(
        select(*columns, func.count()).where(alerts.c.status.in_(OPEN)).group_by(*columns)
    )
    return {(status, severity): number for status, severity, number in counted}
