"""What became of commands."""

from __future__ import annotations

from sqlalchemy import Connection, select

from api.ask import Decision
from sinks.history import schema


def one(connection: Connection, command_id: str) -> Decision | None:
    """The decision on a command; None while there is none."""
    query = select(schema.commands).where(schema.commands.c.id == command_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    same = ("id", "reason", "by", "team", "at", "code", "do", "digest")
    return Decision(status=row["result"], **{name: row[name] for name in same})
