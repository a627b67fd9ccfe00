"""Where the escalations of an alert's groups stand, as respond last told of them, and what was delivered since."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, func, select

from sinks.history import schema
from streams.messages.change import EscalationSnapshot

_then = schema.timeline.c


class EscalationStanding(NamedTuple):
    """The escalation of a group. `told_at`: of the line that says so; `delivered_at`: the first delivery since."""

    group: str
    told_at: int
    escalation: EscalationSnapshot
    delivered_at: int | None


def standings(connection: Connection, groups: Sequence[str], since: int) -> list[EscalationStanding]:
    """Of each group its newest line since an instant, ms UTC; none for a group that nobody was told of."""
    found: list[EscalationStanding] = []
    for group in groups:
        query = select(_then.at, _then.sequence, _then.snapshot).where(
            _then.group == group, _then.subject == "notification", _then.at >= since
        )
        for row in connection.execute(query.order_by(_then.sequence.desc()).limit(50)):
            if row.snapshot:
                escalation = msgspec.convert(row.snapshot, EscalationSnapshot)
                found.append(
                    EscalationStanding(group, row.at, escalation, _delivered(connection, group, row.sequence))
                )
                break
    return found


def _delivered(connection: Connection, group: str, after: int) -> int | None:
    query = select(func.min(_then.at)).where(
        _then.group == group,
        _then.subject == "notification",
        _then.what == "delivered",
        _then.sequence > after,
    )
    return connection.scalar(query)
