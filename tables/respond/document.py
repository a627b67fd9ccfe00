"""Level 3, the team's own configuration: validated, numbered, and published for every stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams import documents
from streams.errors import Conflict, Refused
from streams.said import Change, Command, Document
from streams.topics import CHANGES, CONFIG

if TYPE_CHECKING:
    from tables.respond.machine import Respond


def write(machine: Respond, command: Command) -> str:
    """Put or delete one document; returns what was done. Refused or Conflict says why not."""
    key = f"3/{command.team}/{command.type}/{command.name}"
    body = _valid(command) if command.do == "put" else None
    row = machine.open(key)
    if row is None:
        return ""
    known, held = int(row.value.get("revision", 0)), row.value.get("body")
    if held is None and command.do == "delete":
        raise Refused(f"{command.type} {command.name} of {command.team} does not exist")
    if command.revision != (known if held is not None else 0):
        raise Conflict(
            f"{command.type} {command.name} is at revision {known if held is not None else 0}, your edit is based on {command.revision}: read it again"
        )
    row.value = {"revision": known + 1, "body": body, "by": command.by.name}
    config_key = f"{command.team}/{command.type}/{command.name}"
    machine.say(
        row,
        CONFIG,
        config_key,
        Document,
        owner=command.team,
        type=command.type,
        name=command.name,
        revision=known + 1,
        body=body,
    )
    what = "deleted" if body is None else "changed" if held is not None else "created"
    snapshot = {
        "type": command.type, "name": command.name, "owner": command.team, "revision": known + 1, "body": body,
        "id": str(documents.identity(command.team, command.type, command.name)),
    }  # fmt: skip
    machine.say(
        row, CHANGES, command.team, Change, team=command.team, subject="document", subject_id=config_key, what=what,
        reason=f"{command.by.name} {what} it", by=command.by.name, snapshot=snapshot,
    )  # fmt: skip
    return f"{command.type} {command.name} {what}, revision {known + 1}"


def _valid(command: Command) -> dict[str, object]:
    document = documents.read(command.type, command.body or {})
    if (document.name, document.team) != (command.name, command.team):
        raise Refused(
            f"the body names {document.team}/{document.name}, the command {command.team}/{command.name}: they must agree"
        )
    return document.body()
