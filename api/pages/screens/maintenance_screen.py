"""`/maintenance`: windows that are open, coming and over; they are made with a look at what they cover, and when."""

from __future__ import annotations

from itertools import islice
from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.commands import document_commands
from api.dependencies import Deps, Who
from api.pages.screens.silences_screen import look, teams_for
from api.pages.surface import outcome
from api.pages.surface.form import Fields
from api.pages.surface.layout import render
from api.pages.surface.reader_zone import reader_zone
from api.pages.surface.suppression_form import window_body
from api.queries import documents as reading
from api.routes import documents
from api.routes.suppression import shortcuts
from streams.access import readable_teams
from streams.calendar.zone import local_time
from streams.documents.suppression.maintenance import Maintenance, MaintenanceWindow, summary
from streams.errors import Refused

router = APIRouter(prefix="/maintenance", include_in_schema=False)
NEXT = 5  # occurrences that are shown


class WindowLine(NamedTuple):
    """A window; `open`: its occurrence that is under way, None where there is none; `next`: those that come."""

    window: Maintenance
    summary: str
    open: MaintenanceWindow | None
    next: list[MaintenanceWindow]


@router.get("")
async def listed(request: Request, deps: Deps, who: Who) -> Response:
    """All windows that you may see."""
    now, place, teams = deps.now(), reader_zone(request), readable_teams(who)
    lines = await deps.database.read(lambda c: _lines(reading.all_of(c, "maintenance", teams), now))
    return render(
        request, "maintenance.html", teams=teams_for(who, "maintenance"),
        today=f"{local_time(now, place):%Y-%m-%dT%H:%M}",
        active=[line for line in lines if line.open],
        coming=sorted((line for line in lines if not line.open and line.next), key=lambda line: line.next[0].starts),
        past=[line for line in lines if not line.open and not line.next],
    )  # fmt: skip


@router.post("/preview")
async def preview(request: Request, deps: Deps, who: Who, fields: Fields) -> Response:
    """What the form would cover among the open alerts, and when; what is not filled in yet is not missed."""
    body, place = window_body(fields, deps.now(), reader_zone(request)), reader_zone(request)
    covered: dict[str, Any] | None = await look(deps, who, fields) if "covers" in fields else None
    lines: list[MaintenanceWindow] = []
    if covered and fields.get("starts") and fields.get("lasts"):
        window = document_commands.readable("maintenance", body | {"reason": body["reason"] or "?"})
        if not isinstance(window, Maintenance):
            raise Refused("this is no window")
        lines = (await run_in_threadpool(_line, window, deps.now())).next
    return render(request, "covered.html", covered=covered, occurrences=lines, place=place)


@router.post("")
async def create(request: Request, deps: Deps, who: Who, fields: Fields) -> Response:
    """Put the window of the form."""
    body = window_body(fields, deps.now(), reader_zone(request))
    answer = await documents.create(deps, who, "maintenance", body, None)
    return outcome.went_on(answer, "/maintenance", "The window is planned.")


@router.post("/{document_id}/end")
async def end(deps: Deps, who: Who, document_id: str) -> Response:
    """Let the occurrence that is under way end now; later ones are as they were."""
    answer = await shortcuts.end(deps, who, document_id, None)
    words = "The window is over; what still fires is told."
    if isinstance(answer, Response):
        return outcome.went_on(answer, "/maintenance", words)
    return outcome.to("/maintenance", words)


def _lines(rows: list[reading.DocumentRow], now: int) -> list[WindowLine]:
    """All of them; beside the event loop, since each is followed through its calendar."""
    return [_line(window, now) for window in reading.readable(rows) if isinstance(window, Maintenance)]


def _line(window: Maintenance, now: int) -> WindowLine:
    """The window with what it does next, of which there may be no end."""
    coming = (occurrence for occurrence in window.occurrences(now) if occurrence.starts > now)
    return WindowLine(window, summary(window), window.active_at(now), list(islice(coming, NEXT)))
