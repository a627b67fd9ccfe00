"""Where the escalations of an alert's groups stand, as respond last told of them, and what was delivered since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

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

    @property
    def due(self) -> int | None:
        """When the next thing is due, ms UTC: the clock of a step runs from its first delivery."""
        next_at = self.escalation.next_at
        if next_at is None or self.delivered_at is None or self.escalation.state != "running":
            return next_at
        return min(next_at, self.delivered_at + self.escalation.delay)


def escalation_of(snapshot: Mapping[str, Any] | None) -> EscalationSnapshot | None:
    """What a line of the timeline says of an escalation, if it does."""
    return msgspec.convert(snapshot, EscalationSnapshot) if snapshot and "next_at" in snapshot else None


def standings(connection: Connection, groups: Sequence[str], since: int) -> list[EscalationStanding]:
    """Of each group as its newest line since an instant, ms UTC, has it; none where nobody was told of it."""
    escalations: list[EscalationStanding] = []
    for group in groups:
        query = select(_then.at, _then.sequence, _then.snapshot).where(
            _then.group == group,
            _then.subject == "notification",
            _then.subject_id == group,  # respond's own lines: one a step, however many recipients it has
            _then.at >= since,
        )
        for row in connection.execute(query.order_by(_then.sequence.desc()).limit(50)):
            if (escalation := escalation_of(row.snapshot)) is not None:
                escalations.append(
                    EscalationStanding(group, row.at, escalation, _delivered(connection, group, row.sequence))
                )
                break
    return escalations


def _delivered(connection: Connection, group: str, after: int) -> int | None:
    query = select(func.min(_then.at)).where(
        _then.group == group,
        _then.subject == "notification",
        _then.what == "delivered",
        _then.sequence > after,
    )
    at: int | None = connection.scalar(query)
    return at
