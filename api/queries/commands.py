"""What became of commands."""

from __future__ import annotations

from sqlalchemy import Connection, select

from api.commands.command_client import CommandDecision
from sinks.history import schema


def one(connection: Connection, command_id: str) -> CommandDecision | None:
    """The decision on a command; None while there is none."""
    of, then = schema.commands.c, schema.timeline.c
    told = (then.subject == "command") & (then.subject_id == of.id) & (then.team == of.team)
    where = schema.commands.outerjoin(schema.timeline, told)
    wanted = select(schema.commands, then.snapshot).select_from(where).where(of.id == command_id)
    row = connection.execute(wanted.order_by(then.sequence).limit(1)).mappings().first()
    if row is None:
        return None
    digest = (row["snapshot"] or {}).get("digest", "")
    return CommandDecision(row["id"], row["result"], row["reason"], row["by"], row["team"], row["at"], digest)
