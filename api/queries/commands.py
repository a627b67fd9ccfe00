"""What became of commands."""

from __future__ import annotations

from sqlalchemy import Connection, select

from api.commands.command_client import CommandDecision
from sinks.history import schema
from streams.codes import RefusalCode


def one(connection: Connection, command_id: str) -> CommandDecision | None:
    """The decision on a command; None while there is none."""
    of, then = schema.commands.c, schema.timeline.c
    told = (then.subject == "command") & (then.subject_id == of.id) & (then.team == of.team)
    where = schema.commands.outerjoin(schema.timeline, told)
    wanted = select(schema.commands, then.snapshot).select_from(where).where(of.id == command_id)
    row = connection.execute(wanted.order_by(then.sequence).limit(1)).mappings().first()
    if row is None:
        return None
    snapshot = row["snapshot"] or {}
    about = {name: row[name] for name in ("id", "reason", "by", "team", "at")}
    code = _code(snapshot.get("code")) if row["result"] == "refused" else None
    return CommandDecision(**about, status=row["result"], digest=snapshot.get("digest", ""), code=code)


def _code(text: str | None) -> RefusalCode:
    """Why it was refused; what another version says and we do not know is a field that cannot be used."""
    known = {code.value: code for code in RefusalCode}
    return known.get(text or "", RefusalCode.INVALID)
