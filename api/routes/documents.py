"""`/v1/rules`, `/v1/endpoints`, …: one set of endpoints for every kind of document; `/v1/documents` puts many at once.

An edit names the revision that it is based on, so that nobody overwrites what they have not seen. Secrets
are sealed before they leave this process and masked in every answer.
"""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

import orjson
from fastapi import APIRouter, Body, Depends, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, FailFast, Field

from api.commands import bulk, document_commands
from api.commands.answer import accepted, found, pending
from api.commands.idempotency import IdempotencyKey
from api.dependencies import Dependencies, Deps, Keyed, Who
from api.documents.document_view import shown
from api.documents.endpoint_check import private
from api.documents.seal import Sealer
from api.queries import documents as reading
from streams.access import Permission, readable_teams, require
from streams.documents.registry import SECTIONS
from streams.errors import Refused

TOGETHER = 500  # documents of one request


def _section(request: Request) -> str:
    return request.url.path.split("/")[2]


Section = Annotated[str, Depends(_section)]
Given = Annotated[dict[str, Any], Body()]
Match = Annotated[str | None, Header(alias="If-Match")]
From = Annotated[str | None, Header(alias="Tocsin-From")]


class Edit(NamedTuple):
    """What the headers of an edit say: its own key, the revision that it is based on, and where it comes from."""

    key: IdempotencyKey | None
    match: str | None
    origin: str | None


def _edit(key: Keyed, match: Match = None, origin: From = None) -> Edit:
    return Edit(key, match, origin)


Edited = Annotated[Edit, Depends(_edit)]
Text = Annotated[str, Query(max_length=200)]


class DocumentPuts(BaseModel):
    """What is to be there. Each document: its fields, its kind as `type`, and `revision`, where it is edited."""

    model_config = ConfigDict(extra="forbid")
    documents: Annotated[list[dict[str, Any]], FailFast()] = Field(min_length=1, max_length=TOGETHER)


together = APIRouter(prefix="/v1/documents", tags=["documents"])


@together.post("")
async def put_all(deps: Deps, who: Who, wish: DocumentPuts, key: Keyed, origin: From = None) -> JSONResponse:
    """Put up to 500 documents; `results` says of each what became of it, and one that is refused stops none."""
    puts = [bulk.put_of(body) for body in wish.documents]
    results = await bulk.put_all(deps, who, puts, key, origin)
    return JSONResponse({"results": [bulk.shown(result) for result in results]})


def router(section: str) -> APIRouter:
    """The endpoints of one kind, below `/v1/<section>`."""
    made, kind = APIRouter(prefix=f"/v1/{section}", tags=[section]), SECTIONS[section]
    made.add_api_route("", listed, methods=["GET"], name=f"list_{section}")
    made.add_api_route("", create, methods=["POST"], name=f"create_{kind}", status_code=201)
    made.add_api_route("/{document_id}", one, methods=["GET"], name=f"read_{kind}")
    made.add_api_route("/{document_id}", update, methods=["PUT"], name=f"update_{kind}")
    made.add_api_route("/{document_id}", delete, methods=["DELETE"], name=f"delete_{kind}", status_code=204)
    return made


async def listed(deps: Deps, who: Who, section: Section, team: Text = "", name: Text = "") -> Response:
    """The documents that you may see, by team and name."""
    if team:
        require(who, Permission.READ, team)
    wanted = (SECTIONS[section], readable_teams(who), team, name)
    rows = await deps.database.read(lambda c: reading.all_of(c, *wanted))
    ids = await document_commands.policies(deps, rows)
    return Response(await run_in_threadpool(_rendered, rows, deps.sealer, ids), media_type="application/json")


def _rendered(rows: list[reading.DocumentRow], sealer: Sealer, policies: set[str]) -> bytes:
    """The list as JSON; beside the event loop, since there may be thousands."""
    return orjson.dumps({"items": [shown(row, sealer, policies) for row in rows]})


async def create(deps: Deps, who: Who, section: Section, body: Given, key: Keyed) -> JSONResponse:
    """Create one; its id derives from its team and name."""
    kind = SECTIONS[section]
    document = document_commands.readable(kind, await document_commands.named(deps, who, kind, body))
    decision = await document_commands.put(deps, who, document, None, 0, key)
    if not accepted(decision):
        return pending(decision)
    return await _answered(deps, document.id, 201, {"Location": f"/v1/{section}/{document.id}"})


async def one(deps: Deps, who: Who, section: Section, document_id: str) -> JSONResponse:
    """One document; its revision is also its ETag."""
    kind = SECTIONS[section]
    row = found(await document_commands.row(deps, who, kind, document_id), f"{kind} {document_id}")
    (view,) = await document_commands.show(deps, [row])
    return JSONResponse(view, headers={"ETag": f'"{row.revision}"'})


async def update(
    deps: Deps,
    who: Who,
    section: Section,
    document_id: str,
    body: Given,
    edit: Edited,
) -> JSONResponse:
    """Replace one, if it still has the revision that you name (`revision`, or If-Match)."""
    kind = SECTIONS[section]
    row = await document_commands.row(deps, who, kind, document_id)
    if row is None and (earlier := await deps.command_client.earlier(edit.key, who)):
        return await _answered(deps, document_id, 200) if accepted(earlier) else pending(earlier)
    before = found(row, f"{kind} {document_id}")
    document_commands.editable(before, edit.origin)
    base = document_commands.revision(body, edit.match)
    body = deps.sealer.unmasked(
        kind, await document_commands.named(deps, who, kind, body, before), before.body
    )
    document = document_commands.readable(kind, body)
    if document.id != document_id:
        raise Refused(f"a {kind} keeps its name and team ({before.name} of {before.team}): create another")
    decision = await document_commands.put(deps, who, document, before, base, edit.key)
    return await _answered(deps, document_id, 200) if accepted(decision) else pending(decision)


async def delete(
    deps: Deps,
    who: Who,
    section: Section,
    document_id: str,
    edit: Edited,
) -> Response:
    """Delete one; refused while another document refers to it."""
    kind = SECTIONS[section]
    row = await document_commands.row(deps, who, kind, document_id)
    if row is None and (earlier := await deps.command_client.earlier(edit.key, who)):
        return Response(status_code=204) if accepted(earlier) else pending(earlier)
    before = found(row, f"{kind} {document_id}")
    document_commands.editable(before, edit.origin)
    base = document_commands.revision({}, edit.match) if edit.match else before.revision
    decision = await document_commands.delete(deps, who, before, base, edit.key)
    return Response(status_code=204) if accepted(decision) else pending(decision)


async def _answered(
    deps: Dependencies, id_: str, status: int, headers: dict[str, str] | None = None
) -> JSONResponse:
    row = await deps.database.read(lambda c: reading.one(c, id_, None))
    views = await document_commands.show(deps, [row] if row else [])
    etag = {"ETag": f'"{row.revision if row else 0}"'}
    documents = reading.readable([row] if row else [], deps.sealer)
    says = [private(document) for document in documents if not deps.settings.allow_private]
    warned = {"warnings": [f"`url`: {doubt}" for doubt in says]} if any(says) else {}
    return JSONResponse((views[0] if views else {}) | warned, status, {**(headers or {}), **etag})
