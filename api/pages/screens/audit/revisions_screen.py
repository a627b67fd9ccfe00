"""`/documents/<section>/<id>/revisions`: below each document what it was, and a way back to that."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.dependencies import Deps, Who
from api.pages.screens.document_screen import Section, known
from api.pages.surface import editor, outcome
from api.pages.surface.form import Fields
from api.pages.surface.layout import render
from api.routes.audit import revisions
from api.routes.documents import Edit

router = APIRouter(prefix="/documents/{section}/{document_id}/revisions", include_in_schema=False)
SHOWN = 20  # revisions at once


@router.get("")
async def listed(
    request: Request, deps: Deps, who: Who, section: Section, document_id: str, below: revisions.Below = None
) -> Response:
    """The revisions of one document, the newest first, as a part of its page."""
    revision_list = await revisions.listed(deps, who, known(section), document_id, below, SHOWN)
    shown = await editor.stored(deps, who, section, document_id)
    return render(request, "revisions.html", revisions=revision_list, editor=shown)


@router.post("/{revision}/restore")
async def restore(
    deps: Deps, who: Who, section: Section, document_id: str, revision: revisions.Number, fields: Fields
) -> Response:
    """Put the document as it was then."""
    edit = Edit(None, fields.get("revision"), None)
    answer = await revisions.restore(deps, who, known(section), document_id, revision, edit)
    return outcome.went_on(
        answer, editor.page_of(section, document_id), f"It is as it was at revision {revision}."
    )
