"""What became of one notification: its attempts and its end, in the receivers' own words."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, select

from sinks.history import schema

_of = schema.timeline.c
OVER = frozenset({"delivered", "failed", "cancelled"})


class Delivery(NamedTuple):
    """One line of it. `at`: ms UTC; `what`: sent, retry, delivered, failed or cancelled."""

    at: int
    what: str
    reason: str

    @property
    def over(self) -> bool:
        """Whether nothing more becomes of the notification."""
        return self.what in OVER


def of(connection: Connection, notification: str) -> list[Delivery]:
    """All lines about a notification, the oldest first."""
    about = _of.subject.in_(("notification", "attempt")), _of.subject_id == notification
    query = select(_of.at, _of.what, _of.reason).where(*about).order_by(_of.sequence)
    return [Delivery(*row) for row in connection.execute(query)]
