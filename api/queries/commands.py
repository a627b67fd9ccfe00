"""What became of commands."""

from __future__ import annotations

from sqlalchemy import Connection, select

from api.commands.command_client import CommandDecision
from sinks.history import schema
from streams.codes import RefusalCode

_CODES = {code.value: code for code in RefusalCode}


def one(connection: Connection, command_id: str) -> CommandDecision | None:
    """The decision on a command; None while there is none.

    A code that another version says and we do not know stands for a field that cannot be used.
    """
    query = select(schema.commands).where(schema.commands.c.id == command_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    same = {name: row[name] for name in ("id", "reason", "by", "team", "at", "do", "digest")}
    code = _CODES.get(row["code"] or "", RefusalCode.INVALID) if row["result"] == "refused" else None
    return CommandDecision(status=row["result"], code=code, **same)
