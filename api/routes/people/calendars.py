"""`/v1/calendars`, `/calendar/TOKEN.ics`: who is on call, for calendar programs, at addresses that are secret."""

from __future__ import annotations

import hmac
import secrets
from functools import partial
from typing import Any

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from api.commands import document_commands
from api.commands.answer import accepted, pending
from api.dependencies import Dependencies, Deps, Keyed, Who
from api.documents.calendar_feed import feed
from api.queries import documents as reading
from streams.codes import RefusalCode
from streams.documents.document import PLATFORM, Owned
from streams.documents.oncall.feed import ENDING, PATH, CalendarFeed, digest
from streams.errors import Refused

BYTES = 32  # of a token
router = APIRouter(tags=["people"])


class WantedFeed(BaseModel):
    """What a feed is to show, and whose it is; `name`: by which it is revoked."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(max_length=100)
    shows: str = Field(max_length=200)
    team: str = Field(default=PLATFORM, max_length=200)


@router.post("/v1/calendars/feeds")
async def create(deps: Deps, who: Who, key: Keyed, wanted: WantedFeed) -> JSONResponse:
    """Make a feed of a schedule or a person; its address is answered once, and kept nowhere: only its digest is."""
    token = secrets.token_urlsafe(BYTES)
    body = {**wanted.model_dump(), "digest": digest(token)}
    document = document_commands.readable(CalendarFeed.type, body)
    decision = await document_commands.put(deps, who, document, None, 0, key)
    if not accepted(decision):
        return pending(decision)
    if decision.repeated:
        words = f"the first request has made {wanted.name}, and it alone was told the address"
        raise Refused(f"{words}: delete it, and make another", RefusalCode.CONFLICT)
    path = f"{PATH}{token}{ENDING}"
    made = {"id": document.id, "path": path, "url": f"{deps.settings.public_url.rstrip('/')}{path}"}
    return JSONResponse({**document.body(), **made}, 201, {"Location": f"/v1/calendars/{document.id}"})


@router.get(f"{PATH}{{token}}{ENDING}", include_in_schema=False)
async def read(deps: Deps, token: str) -> Response:
    """The calendar behind a secret address; 404 for one that is none, or none any more."""
    content = await _content(deps, digest(token))
    if content is None:
        return Response("there is no such calendar, or it has been revoked\n", 404, media_type="text/plain")
    return Response(content, media_type="text/calendar; charset=utf-8")


async def _content(deps: Dependencies, wanted: str) -> bytes | None:
    feeds = await deps.database.read(partial(_of_kind, kind=CalendarFeed.type))
    shown = next((each for each in feeds if _is_it(each, wanted)), None)
    if not isinstance(shown, CalendarFeed):
        return None
    known: list[Owned] = []
    for kind in ("schedule", "override", "person"):
        known += await deps.database.read(partial(_of_kind, kind=kind))
    return await run_in_threadpool(feed, shown, known, deps.now())


def _of_kind(connection: Connection, kind: str) -> list[Owned]:
    return reading.readable(reading.all_of(connection, kind, None))


def _is_it(document: Any, wanted: str) -> bool:
    return isinstance(document, CalendarFeed) and hmac.compare_digest(document.digest, wanted)
