"""`/oncall`: who is on call now, the coming two weeks with their gaps, and a way to stand in for somebody."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from api import instant
from api.commands import document_commands
from api.commands.answer import found
from api.dependencies import Deps, Who
from api.pages.surface import directory, outcome
from api.pages.surface.form import Fields
from api.pages.surface.layout import render
from api.pages.surface.oncall_view import views
from api.pages.surface.reader_zone import reader_zone
from api.pages.surface.suppression_form import clock, named
from api.routes import documents
from api.routes.people import calendars
from api.routes.people.calendars import WantedFeed
from streams.calendar.zone import local_time
from streams.documents.oncall.feed import CalendarFeed
from streams.documents.oncall.person import PersonDocument

router = APIRouter(prefix="/oncall", include_in_schema=False)


@router.get("")
async def look(request: Request, deps: Deps, who: Who) -> Response:
    """Every schedule that you may see."""
    known, place = await directory.directory(deps, who), reader_zone(request)
    schedules = await run_in_threadpool(views, known.schedules(), deps.now(), place)
    people = {person.name: person.called for person in known.all(PersonDocument)}
    today = f"{local_time(deps.now(), place):%Y-%m-%dT%H:%M}"
    return render(
        request,
        "oncall.html",
        schedules=schedules,
        people=people,
        today=today,
        known=known,
        feeds=known.all(CalendarFeed),
    )


@router.post("/{document_id}/override")
async def override(request: Request, deps: Deps, who: Who, document_id: str, fields: Fields) -> Response:
    """Put somebody on call for a while, by clocks of the reader: an override beside the schedule."""
    schedule = found(
        await document_commands.row(deps, who, "schedule", document_id), f"schedule {document_id}"
    )
    mine, person = reader_zone(request), fields.get("person", "")
    begins, ends = (clock(fields.get(name, ""), mine, name) for name in ("starts", "until"))
    body = {
        "name": named("stand-in", deps.now()),
        "team": schedule.team,
        "schedule": schedule.name,
        "person": person,
        "instead_of": fields.get("instead_of"),
        "starts": instant.spell(begins),
        "ends": instant.spell(ends),
        "reason": fields.get("reason", ""),
    }
    answer = await documents.create(deps, who, "overrides", body, None)
    return outcome.went_on(answer, "/oncall", f"{person} stands in.")


@router.post("/{document_id}/feed")
async def feed(request: Request, deps: Deps, who: Who, document_id: str) -> Response:
    """Make an address at which a calendar program reads the schedule; it is shown this once."""
    schedule = found(
        await document_commands.row(deps, who, "schedule", document_id), f"schedule {document_id}"
    )
    wanted = WantedFeed(
        name=named("calendar", deps.now()), shows=f"schedule/{schedule.name}", team=schedule.team
    )
    answer = await calendars.create(deps, who, None, wanted)
    return render(request, "feed.html", feed=outcome.body_of(answer))
