"""`/v1/rules/{id}/revisions`, and of every other kind: what a document was, and the way back to it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from api.commands import document_commands
from api.commands.answer import accepted, found, pending
from api.dependencies import Dependencies, Deps, Who
from api.documents import revision_view
from api.documents.seal import secret_fields
from api.queries import documents as stored
from api.queries.audit import revisions as reading
from api.queries.audit.revisions import RevisionRow
from api.routes.documents import Edited, Section
from streams.access import Permission, readable_teams, require
from streams.codes import RefusalCode
from streams.documents.registry import SECTIONS
from streams.errors import Refused
from streams.messages.command import Principal

Number = Annotated[int, Path(ge=1, le=1 << 53)]
Below = Annotated[int | None, Query(ge=1, le=1 << 53)]
Limit = Annotated[int, Query(ge=1, le=200)]


def router(section: str) -> APIRouter:
    """The endpoints of one kind, below `/v1/<section>/{document_id}/revisions`."""
    kind = SECTIONS[section]
    made = APIRouter(prefix=f"/v1/{section}/{{document_id}}/revisions", tags=[section])
    made.add_api_route("", listed, methods=["GET"], name=f"revisions_of_{kind}")
    made.add_api_route("/{revision}", one, methods=["GET"], name=f"read_revision_of_{kind}")
    made.add_api_route("/{revision}/restore", restore, methods=["POST"], name=f"restore_revision_of_{kind}")
    return made


async def listed(
    deps: Deps, who: Who, section: Section, document_id: str, below: Below = None, limit: Limit = 50
) -> dict[str, Any]:
    """The revisions, the newest first, each with what it changed; `next`: what `below` is for the following page."""
    rows = await _rows(deps, who, section, document_id, below, limit + 1)
    if below is None:
        found(rows or None, f"{SECTIONS[section]} {document_id}")
    items = await run_in_threadpool(lambda: [revision_view.shown(row, deps.sealer) for row in rows[:limit]])
    return {"items": items, "next": rows[limit - 1].line.revision if len(rows) > limit else None}


async def _rows(
    deps: Dependencies, who: Principal, section: str, document_id: str, below: int | None, limit: int
) -> list[RevisionRow]:
    teams, kind = readable_teams(who), SECTIONS[section]
    rows = await deps.database.read(lambda c: reading.of_document(c, document_id, teams, below, limit))
    return [row for row in rows if row.line.type == kind]


async def one(deps: Deps, who: Who, section: Section, document_id: str, revision: Number) -> dict[str, Any]:
    """One revision: the document as it was, and what differs from the revision before."""
    row = await revision_of(deps, who, section, document_id, revision)
    return revision_view.whole(row, deps.sealer)


async def revision_of(
    deps: Dependencies, who: Principal, section: str, document_id: str, revision: int
) -> RevisionRow:
    """One revision of a document of a section; Refused where there is none that the person may see."""
    kind, teams = SECTIONS[section], readable_teams(who)
    row = await deps.database.read(lambda c: reading.one(c, document_id, revision, teams))
    wanted = f"revision {revision} of {kind} {document_id}"
    return found(row if row is not None and row.line.type == kind else None, wanted)  # type: ignore[no-any-return]


async def restore(
    deps: Deps, who: Who, section: Section, document_id: str, revision: Number, edit: Edited
) -> JSONResponse:
    """Put the document as it was: a new revision, also of one that is deleted now. If-Match: what it is now."""
    old, kind = await revision_of(deps, who, section, document_id, revision), SECTIONS[section]
    require(who, Permission.PUT, old.line.team, kind)
    body = _body(deps, old)
    before = await document_commands.row(deps, who, kind, document_id)
    document_commands.editable(before, edit.origin)
    now = before.revision if before else 0
    base = document_commands.revision({}, edit.match) if edit.match else now
    document = document_commands.readable(kind, body)
    decision = await document_commands.put(deps, who, document, before, base, edit.key)
    if not accepted(decision):
        return pending(decision)
    row = await deps.database.read(lambda c: stored.one(c, document_id, None))
    (view,) = await document_commands.show(deps, [row] if row else [])
    return JSONResponse(view, headers={"ETag": f'"{view["revision"]}"'})


def _body(deps: Dependencies, old: RevisionRow) -> dict[str, Any]:
    """The fields of an old revision as somebody puts them, secrets opened; Refused where they are not there."""
    line, name = old.line, f"revision {old.line.revision} of {old.line.type} {old.line.name}"
    if old.body is None:
        why = "deleted the document" if old.deleted else "is no longer kept"
        raise Refused(f"{name} {why}: name another one", RefusalCode.INVALID)
    body = deps.sealer.opened(line.type, old.body)
    for field in secret_fields(line.type, old.body):
        if old.body.get(field) and deps.sealer.open(old.body[field]) is None:
            raise Refused(f"{name}: `{field}` is sealed with a key that is gone: put the document anew")
    return {
        field: value for field, value in body.items() if field != "file"
    }  # no file owns what was restored
