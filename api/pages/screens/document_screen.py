"""`/documents/<section>/<id>`: any document as YAML, checked while it is written, planned, put and deleted."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.dependencies import Deps, Who
from api.pages.surface import editor, outcome
from api.pages.surface.fill import filling
from api.pages.surface.fill.form_field import FormField
from api.pages.surface.form import Fields, checked
from api.pages.surface.layout import render
from api.routes import documents, plans
from api.routes.documents import Edit
from api.routes.plans import Wish
from streams.codes import RefusalCode
from streams.documents.registry import SECTIONS
from streams.errors import Refused

router = APIRouter(prefix="/documents/{section}", include_in_schema=False)
Section = Annotated[str, Path(max_length=40)]
Team = Annotated[str, Query(max_length=100)]


@router.get("/new")
async def new(request: Request, who: Who, section: Section, team: Team = "") -> Response:
    """An editor with the beginning of a document."""
    return render(request, "document.html", editor=editor.fresh(who, known(section), team))


@router.get("/{document_id}")
async def look(request: Request, deps: Deps, who: Who, section: Section, document_id: str) -> Response:
    """One document in an editor."""
    return render(
        request, "document.html", editor=await editor.stored(deps, who, known(section), document_id)
    )


@router.post("/check")
async def check(request: Request, deps: Deps, who: Who, section: Section, fields: Fields) -> Response:
    """What is wrong with the text, line by line, while it is written; nothing is changed."""
    text = fields.get("text", "")
    examined = await editor.examined(deps, who, text, known(section))
    fill = await run_in_threadpool(filling.shown, section, text)
    return render(request, "checked.html", troubles=examined.troubles, section=section, fill=fill)


@router.post("/fill")
async def fill(request: Request, deps: Deps, who: Who, section: Section, fields: Fields) -> Response:
    """The text as the form beside it says it, and what is wrong with that; nothing is changed."""
    before = fields.get("text", "")
    text = await run_in_threadpool(filling.filled, known(section), before, fields)
    examined = await editor.examined(deps, who, text, section)
    shown = await run_in_threadpool(_anew, section, before, text)
    return render(request, "filled.html", section=section, text=text, troubles=examined.troubles, fill=shown)


def _anew(section: str, before: str, text: str) -> list[FormField]:
    """The form beside a text, where that asks for other fields than the text before; else none."""
    shown, known_ = (filling.shown(section, each) for each in (text, before))
    return shown if [field.name for field in shown] != [field.name for field in known_] else []


@router.post("/plan")
async def plan(request: Request, deps: Deps, who: Who, section: Section, fields: Fields) -> Response:
    """What putting the text would change, and what may be wrong with that."""
    body, document = await editor.accepted(deps, who, fields.get("text", ""), known(section))
    planned = await plans.planned(deps, who, checked(Wish, {"documents": [body | {"type": document.type}]}))
    return render(request, "planned.html", plan=planned)


@router.post("")
async def create(deps: Deps, who: Who, section: Section, fields: Fields) -> Response:
    """Put the text as a new document."""
    body, document = await editor.accepted(deps, who, fields.get("text", ""), known(section))
    answer = await documents.create(deps, who, section, body, None)
    warnings = outcome.body_of(answer).get("warnings", [])
    return outcome.went_on(answer, editor.page_of(section, document.id), _words("Created", warnings))


@router.post("/{document_id}")
async def update(deps: Deps, who: Who, section: Section, document_id: str, fields: Fields) -> Response:
    """Put the text in place of the revision that was read."""
    body, _ = await editor.accepted(deps, who, fields.get("text", ""), known(section))
    edit = Edit(None, fields.get("revision"), None)
    answer = await documents.update(deps, who, section, document_id, body, edit)
    warnings = outcome.body_of(answer).get("warnings", [])
    return outcome.went_on(answer, editor.page_of(section, document_id), _words("Saved", warnings))


@router.post("/{document_id}/delete")
async def delete(deps: Deps, who: Who, section: Section, document_id: str, fields: Fields) -> Response:
    """Delete the revision that was read."""
    edit = Edit(None, fields.get("revision"), None)
    answer = await documents.delete(deps, who, known(section), document_id, edit)
    return outcome.went_on(answer, editor.HOMES[section], "Deleted")


def known(section: str) -> str:
    """The section, if there is one of that name."""
    if section not in SECTIONS:
        raise Refused(
            f"there is no section {section:.40}: one of {', '.join(SECTIONS)}", RefusalCode.NOT_FOUND
        )
    return section


def _words(done: str, warnings: list[str]) -> str:
    return f"{done}. Mind: {'; '.join(warnings)}" if warnings else f"{done}."
