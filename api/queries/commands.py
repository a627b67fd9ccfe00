"""What became of commands."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, select

from api.commands.command_client import CommandDecision
from sinks.history import schema
from streams.codes import FailureCode, RefusalCode


def one(connection: Connection, command_id: str) -> CommandDecision | None:
    """The decision on a command; None while there is none."""
    return some(connection, [command_id]).get(command_id)


def some(connection: Connection, ids: Sequence[str]) -> dict[str, CommandDecision]:
    """By id, the decisions on those of these commands that have one."""
    query = select(schema.commands).where(schema.commands.c.id.in_(ids))
    return {row["id"]: _decision(row) for row in connection.execute(query).mappings()}


def _decision(row: RowMapping) -> CommandDecision:
    about = {name: row[name] for name in ("id", "reason", "by", "team", "at", "do", "digest")}
    code = _code(row["code"]) if row["result"] == "refused" else None
    return CommandDecision(**about, status=row["result"], code=code)


def _code(text: str) -> RefusalCode | FailureCode:
    """Why it was refused; what another version says and we do not know is a field that cannot be used."""
    known: dict[str, RefusalCode | FailureCode] = {code.value: code for code in RefusalCode}
    known |= {code.value: code for code in FailureCode}
    return known.get(text, RefusalCode.INVALID)
