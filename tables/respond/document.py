"""Level 3, the team's own configuration: validated, numbered, and published for every stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streams import documents
from streams.codes import RefusalCode
from streams.errors import Conflict, Refused
from streams.said import Change, Command, Document
from streams.topics import CHANGES, CONFIG
from tables.row import Row

if TYPE_CHECKING:
    from tables.respond.machine import Respond


def write(machine: Respond, command: Command) -> str:
    """Put or delete one document; returns what was done. Refused or Conflict says why not."""
    key = f"3/{command.team}/{command.type}/{command.name}"
    body = _valid(command) if command.do == "put" else None
    row = machine.open(key)
    if row is None:
        return ""
    held = row.value.get("body")
    _agree(command, row, held)
    revision = int(row.value.get("revision", 0)) + 1
    row.value = {"revision": revision, "body": body, "by": command.by.name}
    what = "deleted" if body is None else "changed" if held is not None else "created"
    _publish(machine, row, command, what)
    return f"{command.type} {command.name} {what}, revision {revision}"


def _agree(command: Command, row: Row, held: Any) -> None:
    """Whether the edit is based on what is held now."""
    if held is None and command.do == "delete":
        words = f"{command.type} {command.name} of {command.team} does not exist"
        raise Refused(words, RefusalCode.NOT_FOUND)
    current = 0 if held is None else row.value["revision"]
    if command.revision != current:
        name = f"{command.type} {command.name}"
        raise Conflict(
            f"{name} is at revision {current}, your edit is based on {command.revision}: read it again"
        )


def _publish(machine: Respond, row: Row, command: Command, what: str) -> None:
    team, type, name, by = command.team, command.type, command.name, command.by.name
    key, new = f"{team}/{type}/{name}", {"revision": row.value["revision"], "body": row.value["body"]}
    machine.say(row, CONFIG, key, Document, owner=team, type=type, name=name, **new)
    id = str(documents.identity(team, type, name))
    snapshot = {"type": type, "name": name, "owner": team, "id": id, **new}
    machine.say(
        row, CHANGES, team, Change, team=team, subject="document", subject_id=key, what=what,
        reason=f"{by} {what} it", by=by, snapshot=snapshot,
    )  # fmt: skip


def _valid(command: Command) -> dict[str, object]:
    document = documents.read(command.type, command.body or {})
    if (document.name, document.team) != (command.name, command.team):
        said, asked = f"{document.team}/{document.name}", f"{command.team}/{command.name}"
        raise Refused(f"the body names {said}, the command {asked}: they must agree")
    return document.body()
