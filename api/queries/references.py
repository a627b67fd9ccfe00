"""What providers call messages about which they are asked whether somebody answered."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, select

from sinks.history import schema

_of = schema.timeline.c


class MessageReference(NamedTuple):
    """A message that a provider has taken. `sequence`: of its line; `reference`: what the provider calls it."""

    sequence: int
    at: int  # ms UTC
    team: str
    group: str
    to: str
    channel: str
    reference: str


def message_references(connection: Connection, after: int, since: int) -> list[MessageReference]:
    """The messages that were taken since an instant, ms UTC, and stand behind a line, oldest first."""
    named = _of.snapshot["reference"].as_string() != ""
    query = select(_of.sequence, _of.at, _of.team, _of.group, _of.snapshot).where(
        _of.subject == "notification", _of.what == "delivered", _of.at >= since, _of.sequence > after, named
    )
    return [
        MessageReference(*row[:4], row.snapshot["to"], row.snapshot["channel"], row.snapshot["reference"])
        for row in connection.execute(query.order_by(_of.sequence))
    ]
