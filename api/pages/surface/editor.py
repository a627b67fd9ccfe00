"""A stored document, or the beginning of a new one, in; what the editor of its page shows out."""

from __future__ import annotations

from typing import Any, NamedTuple

from api.commands import document_commands
from api.commands.answer import found
from api.dependencies import Dependencies
from api.documents.seal import secret_fields
from api.documents.summary import summary
from api.files.yaml_spelling import spelled, written
from api.queries.documents import DocumentRow
from streams.access import Permission, may
from streams.documents.document import PLATFORM, Owned
from streams.documents.registry import SECTIONS
from streams.errors import Refused
from streams.messages.command import Principal

HOMES = {  # where the documents of a section are seen
    "rules": "/rules",
    "probes": "/rules",
    "silences": "/silences",
    "inhibitions": "/silences",
    "maintenance": "/maintenance",
    "schedules": "/oncall",
    "people": "/people",
    "teams": "/people",
    "routes": "/routing",
    "policies": "/policies",
    "endpoints": "/endpoints",
    "dismissals": "/history",
}
STARTS = {
    "rules": "  name: tool-errors\n  last: errors\n  above: 5%\n  for: 2m\n  severity: warning\n  shadow: true\n",
    "probes": "  name: certificates\n  hosts: [gateway.example]\n",
    "silences": "  name: vendor-outage\n  covers: upstream=legacy\n  ends: 2026-12-07T17:00:00Z\n  owner: NAME\n  reason: WHY\n",
    "inhibitions": "  name: gateway-down-explains\n  source: rule=gateway-down\n  target: rule=upstream-down\n  equal: gateway\n",
    "maintenance": "  name: patch-night\n  covers: gateway=prod-eu\n  starts: 2026-12-06 02:00\n  lasts: 90m\n"
    "  time_zone: Europe/Berlin\n  repeats: weekly\n  reason: WHY\n",
    "schedules": "  name: nights\n  time_zone: Europe/Berlin\n  rotate: weekly\n  starts: 2026-12-07\n  hand_off: mon 09:00\n"
    "  people: [anna, ben]\n",
    "people": "  name: anna\n  full_name: Anna A.\n  email: anna@example.com\n  time_zone: Europe/Berlin\n"
    "  contact:\n  - channel: email\n    confirmed: yes\n",
    "teams": "  name: payments\n  members: [anna, ben]\n  leads: [anna]\n",
    "routes": "  name: critical\n  when: severity=critical\n  to: policy/payments\n",
    "policies": "  name: payments\n  steps:\n  - notify: schedule/nights\n  - after: 10m\n    notify: team/payments\n",
    "endpoints": "  name: chat\n  channel: webhook\n  url: https://hooks.example/PATH\n",
    "dismissals": "  name: it-was-none\n  instance: INSTANCE\n  at: 2026-12-07T09:00:00Z\n",
}


class Editor(NamedTuple):
    """What an editor shows. `revision` 0: the document is new; `refusal`: why its reader may not save it."""

    section: str
    kind: str
    text: str
    id: str = ""
    name: str = ""
    team: str = PLATFORM
    revision: int = 0
    summary: str = ""
    updated_at: int | None = None
    updated_by: str = ""
    file: str = ""
    refusal: str = ""

    @property
    def home(self) -> str:
        """The page on which all documents of the section are seen."""
        return HOMES[self.section]

    @property
    def path(self) -> str:
        """The page of the document itself."""
        return page_of(self.section, self.id or "new")


def page_of(section: str, id_: str) -> str:
    """The page of one document; rules have a page of their own."""
    return f"/rules/{id_}" if section == "rules" else f"/documents/{section}/{id_}"


def fresh(who: Principal, section: str, team: str = "") -> Editor:
    """An editor with the beginning of a new document, of a team that its reader may write for."""
    kind = SECTIONS[section]
    owner = team or next((name for name in who.teams if may(who, Permission.PUT, name, kind) is None), PLATFORM)
    lines = STARTS[section].removeprefix("  ").split("\n", 1)
    text = f"{section}:\n- {lines[0]}\n  team: {owner}\n{lines[1]}"
    return Editor(section, kind, text, team=owner, refusal=_refusal(who, owner, kind))


async def stored(deps: Dependencies, who: Principal, section: str, document_id: str) -> Editor:
    """An editor with a document as it stands; Refused where there is none that its reader may see."""
    kind = SECTIONS[section]
    row: DocumentRow = found(await document_commands.row(deps, who, kind, document_id), f"{kind} {document_id}")
    document, file = row.document(), str(row.body.get("file") or "")
    masked = deps.sealer.masked(kind, row.body)
    return Editor(
        section, kind, spelled(document, masked, secret_fields(kind, row.body)), row.id, row.name, row.team,
        row.revision, summary(document), row.at, row.by, file, _refusal(who, row.team, kind),
    )  # fmt: skip


def body_of(text: str, section: str) -> dict[str, Any]:
    """The fields of the one document that a text holds; Refused says, line by line, what is wrong."""
    source = written(text, section)
    if isinstance(source, list):
        raise Refused("; ".join(f"line {trouble.line}: {trouble.says}" for trouble in source))
    return source.body


def readable(text: str, section: str) -> Owned:
    """The typed document that a text holds; Refused as `body_of`."""
    return document_commands.readable(SECTIONS[section], body_of(text, section))


def _refusal(who: Principal, team: str, kind: str) -> str:
    refusal = may(who, Permission.PUT, team, kind)
    return refusal.says if refusal else ""
