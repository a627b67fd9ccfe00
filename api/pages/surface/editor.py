"""A stored document, or the beginning of a new one, in; what the editor of its page shows out."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

from fastapi.concurrency import run_in_threadpool

from api.commands import document_commands
from api.commands.answer import found
from api.dependencies import Dependencies
from api.documents.seal import secret_fields
from api.documents.summary import summary
from api.files.yaml_check import check
from api.files.yaml_documents import Trouble
from api.files.yaml_spelling import spelled, written
from api.pages.surface.fill import filling
from api.pages.surface.fill.form_field import FormField
from api.queries.documents import DocumentRow
from streams.access import Permission, may
from streams.documents.document import PLATFORM, Owned
from streams.documents.registry import SECTIONS, identity
from streams.errors import Refused
from streams.messages.command import Principal

HOMES = {  # where the documents of a section are seen
    "rules": "/rules",
    "probes": "/rules",
    "silences": "/silences",
    "inhibitions": "/silences",
    "maintenance": "/maintenance",
    "schedules": "/oncall",
    "overrides": "/oncall",
    "calendars": "/oncall",
    "people": "/people",
    "teams": "/people",
    "routes": "/routing",
    "policies": "/policies",
    "endpoints": "/endpoints",
    "dismissals": "/history",
    "reports": "/history",
    "views": "/",
}
STARTS = Path(__file__).parents[1] / "starts.yaml"


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
    def fill(self) -> list[FormField]:
        """The fields of the form beside the text; none where there is no form, or nobody may save."""
        return [] if self.file or self.refusal else filling.shown(self.section, self.text)

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
    owner = team or next(
        (name for name in who.teams if may(who, Permission.PUT, name, kind) is None), PLATFORM
    )
    text = beginning(section).replace("\n  ", f"\n  team: {owner}\n  ", 1)
    return Editor(section, kind, text, team=owner, refusal=_refusal(who, owner, kind))


def beginning(section: str) -> str:
    """The lines of `starts.yaml` for a section; its heading alone where there are none."""
    _, _, rest = STARTS.read_text().partition(f"\n{section}:\n")
    lines = takewhile(lambda line: line.startswith(("- ", "  ")), rest.splitlines())
    return "\n".join([f"{section}:", *lines, ""])


async def stored(deps: Dependencies, who: Principal, section: str, document_id: str) -> Editor:
    """An editor with a document as it stands; Refused where there is none that its reader may see."""
    kind = SECTIONS[section]
    row: DocumentRow = found(
        await document_commands.row(deps, who, kind, document_id), f"{kind} {document_id}"
    )
    document, file = row.document(), str(row.body.get("file") or "")
    masked = deps.sealer.masked(kind, row.body)
    text = await run_in_threadpool(spelled, document, masked, secret_fields(kind, row.body))
    return Editor(
        section, kind, text, row.id, row.name, row.team,
        row.revision, summary(document), row.at, row.by, file, _refusal(who, row.team, kind),
    )  # fmt: skip


class Examined(NamedTuple):
    """The fields of a document as its writer means them, the document, or what is wrong with it, line by line."""

    body: dict[str, Any]
    document: Owned | None
    troubles: list[Trouble]


async def examined(deps: Dependencies, who: Principal, text: str, section: str) -> Examined:
    """A text, checked as `tocsin apply` checks files; masks stand for the secrets that the stored document has."""
    source, kind = await run_in_threadpool(written, text, section), SECTIONS[section]
    if isinstance(source, list):
        return Examined({}, None, source)
    team, name = str(source.body.get("team") or PLATFORM), str(source.body.get("name"))
    before = await document_commands.row(deps, who, kind, str(identity(team, kind, name)))
    body = deps.sealer.unmasked(kind, source.body, before.body if before else None)
    checked = await run_in_threadpool(check, source._replace(body=body), text)
    return Examined(body, None, checked) if isinstance(checked, list) else Examined(body, checked, [])


async def accepted(
    deps: Dependencies, who: Principal, text: str, section: str
) -> tuple[dict[str, Any], Owned]:
    """The fields and the document of a text; Refused says, line by line, what is wrong."""
    body, document, troubles = await examined(deps, who, text, section)
    if document is None:
        raise Refused("; ".join(f"line {trouble.line}: {trouble.says}" for trouble in troubles))
    return body, document


def _refusal(who: Principal, team: str, kind: str) -> str:
    refusal = may(who, Permission.PUT, team, kind)
    return refusal.says if refusal else ""
