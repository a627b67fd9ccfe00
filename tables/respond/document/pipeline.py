"""The path of a document: a command puts or deletes one, its row holds the revision, and everybody hears of it."""

from __future__ import annotations

from streams.codes import RefusalCode
from streams.documents.document import PLATFORM
from streams.documents.suppression.inhibition import Inhibition, loop
from streams.errors import Refused
from streams.messages.command import Command, DeleteDocument, PutDocument
from streams.topics import CHANGES, CONFIG
from tables.respond.context import Context
from tables.respond.document import write
from tables.respond.levels import DOCUMENT


def write_document(ctx: Context, command: Command, action: PutDocument | DeleteDocument) -> str:
    """A team puts or deletes one of its documents. Returns that in words; "" where it was done before."""
    row = ctx.open(DOCUMENT, f"{command.team}/{action.type}/{action.name}")
    if row is None:
        return ""
    written = write.write(row.value, command, action, ctx.moment.now)
    if written.document.body is not None and action.type == Inhibition.type:
        _without_loop(ctx, Inhibition.read(written.document.body))
    row.value = written.document
    team = command.team
    config = write.published(command, written, ctx.next_id(row))
    ctx.emit(CONFIG, f"{team}/{action.type}/{action.name}", config)
    ctx.emit(CHANGES, team, write.change(command, written, ctx.next_id(row), ctx.moment.now))
    return f"{action.type} {action.name} {written.what}, revision {written.document.revision}"


def _without_loop(ctx: Context, new: Inhibition) -> None:
    """Refused where inhibitions would go round in a circle, and alerts suppress one another."""
    teams = (PLATFORM,) if new.team == PLATFORM else (new.team, PLATFORM)
    if names := loop(ctx.suppressors.inhibitions(teams), new):
        circle = " -> ".join([*names, names[0]])
        words = f"`target`: {circle} would suppress one another's sources, and nobody would be told: name other alerts"
        raise Refused(words, RefusalCode.LOOP)
