"""`/oncall`: who is on call now, the coming two weeks with their gaps, and a way to stand in for somebody."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.commands import document_commands
from api.commands.answer import found
from api.dependencies import Deps, Who
from api.pages.surface import directory, outcome
from api.pages.surface.form import Fields
from api.pages.surface.layout import render
from api.pages.surface.oncall_view import view
from api.pages.surface.reader_zone import reader_zone
from api.pages.surface.suppression_form import clock
from api.routes import documents
from api.routes.documents import Edit
from streams.documents.oncall.person import PersonDocument
from streams.documents.oncall.schedule import OnCallSchedule
from streams.errors import Refused
from streams.zone import local_time, zone

router = APIRouter(prefix="/oncall", include_in_schema=False)


@router.get("")
async def look(request: Request, deps: Deps, who: Who) -> Response:
    """Every schedule that you may see."""
    known, place = await directory.directory(deps, who), reader_zone(request)
    schedules = [view(schedule, deps.now(), place) for schedule in known.all(OnCallSchedule)]
    people = {person.name: person.called for person in known.all(PersonDocument)}
    today = f"{local_time(deps.now(), place):%Y-%m-%dT%H:%M}"
    return render(request, "oncall.html", schedules=schedules, people=people, today=today)


@router.post("/{document_id}/override")
async def override(request: Request, deps: Deps, who: Who, document_id: str, fields: Fields) -> Response:
    """Put somebody on call for a while, by clocks of the reader."""
    row = found(await document_commands.row(deps, who, "schedule", document_id), f"schedule {document_id}")
    if not fields.get("until"):
        raise Refused("`until` is empty: say until when")
    theirs, mine = zone(str(row.body["time_zone"])), reader_zone(request)
    begins, ends = (clock(fields.get(name, ""), mine, name) for name in ("starts", "until"))
    entry = {
        "person": fields.get("person", ""),
        "starts": f"{local_time(begins, theirs):%Y-%m-%d %H:%M}",
        "ends": f"{local_time(ends, theirs):%Y-%m-%d %H:%M}",
        "reason": fields.get("reason", ""),
    }
    body = row.body | {"overrides": [*row.body.get("overrides", []), entry]}
    answer = await documents.update(
        deps, who, "schedules", document_id, body, Edit(None, str(row.revision), None)
    )
    return outcome.went_on(answer, "/oncall", f"{entry['person']} stands in.")
