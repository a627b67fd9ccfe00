"""A team's own documents: a command puts or deletes one, and every stage gets its new revision."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from streams.codes import DocumentReason, RefusalCode
from streams.documents import registry
from streams.documents.document import Owned
from streams.errors import Conflict, Refused
from streams.messages.change import Change, DocumentSnapshot
from streams.messages.command import Command, DeleteDocument, PutDocument
from streams.messages.config import ConfigRevision
from streams.messages.envelope import Body


class OwnDocument(msgspec.Struct, frozen=True):
    """The row of a document; `body` None: it is deleted."""

    revision: int
    body: Body | None
    by: str


class Written(NamedTuple):
    """A new revision of a document, and what became of it."""

    document: OwnDocument
    what: DocumentReason


def write(
    document: OwnDocument | None, command: Command, action: PutDocument | DeleteDocument, now: int
) -> Written:
    """The new revision of a document as it holds from `now` on, ms UTC; Refused or Conflict says why there is none."""
    if isinstance(action, PutDocument):
        return _put(document, command, action, now)
    return _delete(document, command, action)


def _put(document: OwnDocument | None, command: Command, action: PutDocument, now: int) -> Written:
    valid = _valid(command, action)
    _agree(document, action)
    body = valid.taking_effect(_before(document, action), now).body()
    revision = (document.revision if document else 0) + 1
    new = document is None or document.body is None
    return Written(
        OwnDocument(revision, body, command.by.name),
        DocumentReason.CREATED if new else DocumentReason.CHANGED,
    )


def changed(document: OwnDocument, command: Command, action: PutDocument, after: Owned) -> Written:
    """The next revision of a document, made by something else than an edit of the whole; Conflict as for that."""
    _agree(document, action)
    return Written(OwnDocument(document.revision + 1, after.body(), command.by.name), DocumentReason.CHANGED)


def _delete(document: OwnDocument | None, command: Command, action: DeleteDocument) -> Written:
    if document is None or document.body is None:
        words = f"{action.type} {action.name} of {command.team} does not exist"
        raise Refused(words, RefusalCode.NOT_FOUND)
    _agree(document, action)
    return Written(OwnDocument(document.revision + 1, None, command.by.name), DocumentReason.DELETED)


def published(command: Command, written: Written, id: str) -> ConfigRevision:
    """The revision as every stage gets it."""
    action, document = _action(command), written.document
    return ConfigRevision(
        id=id, at=command.at, owner=command.team, type=action.type, name=action.name,
        revision=document.revision, body=document.body,
    )  # fmt: skip


def change(command: Command, written: Written, id: str, now: int) -> Change:
    """The revision as the product's memory keeps it."""
    action, document, by = _action(command), written.document, command.by.name
    return Change(
        id=id, at=now, team=command.team, subject="document", subject_id=f"{command.team}/{action.type}/{action.name}",
        what=written.what, reason_code=written.what, reason=f"{by} {written.what} it", by=by,
        document=DocumentSnapshot(
            type=action.type, name=action.name, owner=command.team, revision=document.revision, body=document.body,
            id=str(registry.identity(command.team, action.type, action.name)),
        ),
    )  # fmt: skip


def _action(command: Command) -> PutDocument | DeleteDocument:
    assert isinstance(command.action, PutDocument | DeleteDocument)
    return command.action


def _agree(document: OwnDocument | None, action: PutDocument | DeleteDocument) -> None:
    """Whether the edit is based on what is held now."""
    current = 0 if document is None or document.body is None else document.revision
    if action.revision != current:
        name = f"{action.type} {action.name}"
        raise Conflict(
            f"{name} is at revision {current}, your edit is based on {action.revision}: read it again"
        )


def _before(document: OwnDocument | None, action: PutDocument) -> Owned | None:
    """What the document was; None where it did not exist, or cannot be read any more, which an edit mends."""
    if document is None or document.body is None:
        return None
    try:
        return registry.read(action.type, document.body)
    except Refused:
        return None


def _valid(command: Command, action: PutDocument) -> Owned:
    document = registry.read(action.type, action.body)
    if (document.name, document.team) != (action.name, command.team):
        body, asked = f"{document.team}/{document.name}", f"{command.team}/{action.name}"
        raise Refused(f"the body names {body}, the command {asked}: they must agree")
    return document
