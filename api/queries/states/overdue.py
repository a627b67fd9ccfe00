"""Escalations that should have gone on by now and have not, by the read model, whatever the machines believe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from api.queries.states.escalations import standings
from sinks.history import schema
from streams.messages.alert import AlertStatus

GRACE = 60_000  # ms that a step may be late before it is told of
LOOKED_AT = 500  # alerts that are looked at, those that have waited longest first
_of = schema.alerts.c


class OverdueEscalation(NamedTuple):
    """A group in which something fires that nobody has, and of which nothing was told when it was due, ms UTC."""

    group: str
    alert: str
    message: str
    next: str
    due: int


def overdue(connection: Connection, teams: Sequence[str] | None, now: int) -> list[OverdueEscalation]:
    """Those whose next step, repeat or last resort was due more than a minute ago; `teams`: None for all."""
    query = (
        select(_of.id, _of.message, _of.groups, _of.triggered_at)
        .where(
            _of.status == AlertStatus.FIRING, _of.suppressed_since.is_(None), _of.triggered_at < now - GRACE
        )
        .order_by(_of.updated_at)
    )
    if teams is not None:
        query = query.where(_of.team.in_(teams))
    escalations: dict[str, OverdueEscalation] = {}
    seen: set[str] = set()
    for row in connection.execute(query.limit(LOOKED_AT)):
        fresh = [group for group in row.groups if group not in seen]
        seen.update(fresh)
        for standing in standings(connection, fresh, row.triggered_at - GRACE):
            due = standing.due
            if standing.escalation.next and due is not None and due + GRACE < now:
                words = standing.escalation.next
                escalations[standing.group] = OverdueEscalation(
                    standing.group, row.id, row.message, words, due
                )
    return sorted(escalations.values(), key=lambda each: (each.due, each.group))
