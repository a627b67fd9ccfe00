"""What became of commands."""

from __future__ import annotations

from sqlalchemy import Connection, select

from api.ask import Decision
from sinks.history import schema


def one(connection: Connection, command_id: str) -> Decision | None:
    """The decision on a command; None while there is none."""
    row = (
        connection.execute(select(schema.commands).where(schema.commands.c.id == command_id))
        .mappings()
        .first()
    )
    if row is None:
        return None
    return Decision(row["id"], row["result"], row["reason"], row["by"], row["team"], row["at"])
