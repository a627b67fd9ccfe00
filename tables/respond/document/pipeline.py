"""The path of a document: a command puts or deletes one, its row holds the revision, and everybody hears of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import replace

from streams.codes import RefusalCode
from streams.documents.document import PLATFORM, Owned
from streams.documents.suppression.inhibition import Inhibition, loop
from streams.errors import Refused
from streams.messages.command import Command, DeleteDocument, PutDocument
from streams.topics import CHANGES, CONFIG
from tables.kernel.row import Row
from tables.respond.context import Context
from tables.respond.document import write
from tables.respond.document.write import OwnDocument, Written
from tables.respond.levels import DOCUMENT

D = TypeVar("D", bound=Owned)


def write_document(ctx: Context, command: Command, action: PutDocument | DeleteDocument) -> str:
    """A team puts or deletes one of its documents. Returns that in words; "" where it was done before."""
    row = ctx.open(DOCUMENT, f"{command.team}/{action.type}/{action.name}")
    if row is None:
        return ""
    written = write.write(row.value, command, action, ctx.moment.now)
    if written.document.body is not None and action.type == Inhibition.type:
        _without_loop(ctx, Inhibition.read(written.document.body))
    _publish(ctx, row, command, written)
    return f"{action.type} {action.name} {written.what}, revision {written.document.revision}"


def rewrite_document(
    ctx: Context, command: Command, named: D, change: Callable[[D], D], base: int | None = None
) -> None:
    """A document of a team becomes what `change` makes of it; `base`: the revision that is meant, where one is.

    Refused where it does not exist any more, Conflict where it is another one than was meant.
    """
    row = ctx.open(DOCUMENT, f"{command.team}/{named.type}/{named.name}")
    if row is None:
        return  # it was done before
    known = row.value
    if known is None or known.body is None:
        raise Refused(f"{named.type} {named.name} of {command.team} does not exist", RefusalCode.NOT_FOUND)
    revision = known.revision if base is None else base
    put = PutDocument(type=named.type, name=named.name, body=known.body, revision=revision)
    written = write.changed(known, command, put, change(type(named).read(known.body)))
    _publish(ctx, row, replace(command, action=put), written)


def _publish(ctx: Context, row: Row[OwnDocument | None], command: Command, written: Written) -> None:
    """Keep a new revision, give it to every stage, and tell the product's memory of it."""
    action, team = command.action, command.team
    assert isinstance(action, PutDocument | DeleteDocument)
    row.value = written.document
    config = write.published(command, written, ctx.next_id(row))
    ctx.emit(CONFIG, f"{team}/{action.type}/{action.name}", config)
    ctx.emit(CHANGES, team, write.change(command, written, ctx.next_id(row), ctx.moment.now))


def _without_loop(ctx: Context, new: Inhibition) -> None:
    """Refused where inhibitions would go round in a circle, and alerts suppress one another."""
    teams = (PLATFORM,) if new.team == PLATFORM else (new.team, PLATFORM)
    if names := loop(ctx.suppressors.inhibitions(teams), new):
        circle = " -> ".join([*names, names[0]])
        words = f"`target`: {circle} would suppress one another's sources, and nobody would be told: name other alerts"
        raise Refused(words, RefusalCode.LOOP)
