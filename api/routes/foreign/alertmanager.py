"""`/api/v2/alerts`, `/api/v2/silences`: Prometheus and amtool speak to Tocsin as to an Alertmanager, unchanged.

What is wrong is answered as Alertmanager does, with a 400 and a sentence: the field and the fix.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from api.commands import document_commands
from api.commands.answer import accepted, found, pending
from api.dependencies import Dependencies, Deps, Who
from api.queries import documents as reading
from api.queries.documents import DocumentRow
from api.queries.states import alert_states
from api.routes.foreign.alertmanager_errors import AlertmanagerRoute
from api.routes.foreign.emitting import emit_all, own_team
from sources.intake.foreign import alertmanager_alerts, alertmanager_silences, alertmanager_view
from sources.intake.foreign.reading import json_of
from streams.access import Permission, readable_teams, require
from streams.calendar.instant import rfc3339
from streams.documents.document import derived
from streams.documents.suppression.silence import Silence
from streams.matcher import Matcher

REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"model": str, "description": "Refused; the sentence says why."}
}
router = APIRouter(prefix="/api/v2", tags=["alertmanager"], route_class=AlertmanagerRoute, responses=REFUSED)
Filters = Annotated[list[str], Query(alias="filter", max_length=50)]
ENDED = 432_000_000  # ms for which a silence that is over is still shown, as there


@router.post("/alerts", status_code=200, response_class=Response)
async def post_alerts(deps: Deps, who: Who, request: Request) -> Response:
    """Raise and resolve alerts; the same labels are the same alert, and a repeat counts once."""
    posted, team, now = json_of(await request.body()), own_team(who), deps.now()
    bodies = await run_in_threadpool(alertmanager_alerts.emitted_bodies, posted, team, now)
    await emit_all(deps, who, bodies)
    return Response()


class Wanted(BaseModel):
    """Which open alerts are asked for; `unprocessed` and `receiver` are taken and change nothing."""

    model_config = ConfigDict(extra="forbid")
    filter: list[str] = Field(default=[], max_length=50)
    active: bool = True
    silenced: bool = True
    inhibited: bool = True
    unprocessed: bool = True
    receiver: str = ""


@router.get("/alerts", response_model=list[dict[str, Any]])
async def get_alerts(deps: Deps, who: Who, wanted: Annotated[Wanted, Query()]) -> Response:
    """Open alerts that all matchers fit."""
    matchers, teams, now = alertmanager_view.filters(wanted.filter), readable_teams(who), deps.now()

    def read(connection: Connection) -> bytes:
        """Beside the event loop, since very many may be open."""
        shown = (
            alertmanager_view.gettable(alert, now)
            for alert in alert_states.open_now(connection, teams)
            if all(matcher.matches(alertmanager_view.labels_of(alert)) for matcher in matchers)
        )
        return orjson.dumps([listed for listed in shown if _asked_for(listed["status"], wanted)])

    return Response(await deps.database.read(read), media_type="application/json")


def _asked_for(status: dict[str, Any], wanted: Wanted) -> bool:
    if status["state"] == "active":
        return wanted.active
    return wanted.silenced if status["silencedBy"] else wanted.inhibited


@router.get("/silences", response_model=list[dict[str, Any]])
async def get_silences(deps: Deps, who: Who, filter: Filters = []) -> Response:  # noqa: B006
    """Silences, those included that were over lately; a matcher narrows them to those that name its value."""
    teams, now = readable_teams(who), deps.now()
    wanted = alertmanager_view.filters(filter)

    def read(connection: Connection) -> bytes:
        rows = reading.all_of(connection, Silence.type, teams)
        return orjson.dumps([shown for row in rows for shown in _shown(row, wanted, now)])

    return Response(await deps.database.read(read), media_type="application/json")


def _shown(row: DocumentRow, wanted: Sequence[Matcher], now: int) -> Iterator[dict[str, Any]]:
    """The silence of a row as they show it, where it is asked for."""
    for silence in reading.readable([row]):
        assert isinstance(silence, Silence)
        shown = alertmanager_silences.gettable(silence, row.at, now)
        named = {shown_matcher["name"]: shown_matcher["value"] for shown_matcher in shown["matchers"]}
        if silence.ends_at > now - ENDED and all(matcher.matches(named) for matcher in wanted):
            yield shown


@router.post("/silences", response_model=None)
async def post_silence(deps: Deps, who: Who, request: Request) -> Response:
    """Make a silence, or change the one whose id it bears."""
    posted = alertmanager_silences.posted(json_of(await request.body()))
    before = await _stored(deps, who, posted.id) if posted.id else None
    document_commands.editable(before, None)
    now, team = deps.now(), own_team(who) if before is None else before.team
    name = (
        f"amtool-{derived(who.name, posted.model_dump_json(), str(now))}"[:40]
        if before is None
        else before.name
    )
    body = alertmanager_silences.document_body(posted, name, team, now)
    if before is not None and (silence := before.document()) and isinstance(silence, Silence):
        body["starts"] = silence.starts if silence.starts_at <= now else body["starts"]
    document = document_commands.readable(Silence.type, body)
    require(who, Permission.PUT, team, Silence.type)
    revision = 0 if before is None else before.revision
    decision = await document_commands.put(deps, who, document, before, revision, None)
    return JSONResponse({"silenceID": document.id}) if accepted(decision) else pending(decision)


@router.get("/silence/{silence_id}")
async def get_silence(deps: Deps, who: Who, silence_id: str) -> dict[str, Any]:
    """One silence."""
    row = await _stored(deps, who, silence_id)
    silence = row.document()
    assert isinstance(silence, Silence)
    return alertmanager_silences.gettable(silence, row.at, deps.now())


@router.delete("/silence/{silence_id}", response_model=None)
async def expire_silence(deps: Deps, who: Who, silence_id: str) -> Response:
    """End a silence now; one that has not begun is deleted."""
    row, now = await _stored(deps, who, silence_id), deps.now()
    silence = row.document()
    assert isinstance(silence, Silence)
    require(who, Permission.PUT, row.team, Silence.type)
    document_commands.editable(row, None)
    if silence.starts_at >= now:
        decision = await document_commands.delete(deps, who, row, row.revision, None)
    else:
        ended = silence.model_validate(silence.body() | {"ends": rfc3339(now)})
        decision = await document_commands.put(deps, who, ended, row, row.revision, None)
    return Response() if accepted(decision) else pending(decision)


async def _stored(deps: Dependencies, who: Who, silence_id: str) -> DocumentRow:
    row: DocumentRow = found(
        await document_commands.row(deps, who, Silence.type, silence_id), f"silence {silence_id}"
    )
    return row
