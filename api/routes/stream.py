"""`/v1/stream`: what happens, as it happens, by server-sent events in the same shapes as the lists.

Each event's id is the timeline's sequence; a browser that comes back sends the last one (Last-Event-ID) and
misses nothing. Where that is too long ago, one `reset` says: read the list again.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.auth.token import Session
from api.dependencies import Dependencies, Deps, Signed, StreamPlace
from api.queries import stream as reading
from api.queries.database import Database
from api.queries.position import projected
from streams.access import readable_teams
from streams.errors import Unavailable

router = APIRouter(tags=["alerts"])
EVERY = 0.4  # seconds between two looks
BATCH = 200  # changes in one look
NUMBER = re.compile(r"[0-9]{1,18}")  # what a sequence can be


@router.get("/v1/stream", response_class=EventSourceResponse, dependencies=[StreamPlace])
async def stream(
    deps: Deps,
    signed: Signed,
    request: Request,
    after: Annotated[int | None, Query(ge=0)] = None,
    last: Annotated[str | None, Header(alias="Last-Event-ID")] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Changes after `Last-Event-ID` (or `after`, or from now on): `alert` holds the alert, `change` what happened.

    An `alert` without a `change` has another value than before.
    """
    begin = place(last, after)
    with deps.measures.streams.track_inprogress(), deps.streams.taken(signed.principal.name):
        teams, over = readable_teams(signed.principal), until_over(deps, signed)
        async for event in follow(deps.database, teams, begin, over=over):
            if over() or await request.is_disconnected():
                return
            yield event


def until_over(deps: Dependencies, signed: Session) -> Callable[[], bool]:
    """Says whether a session, or the token that asked, has ended by now, or nobody can say that it has not."""

    def over() -> bool:
        try:
            return deps.now() >= signed.expires * 1000 or deps.revocations.holds(signed.id)
        except Unavailable:
            return True

    return over


def place(last: str | None, after: int | None) -> int | None:
    """Where to begin: after `last` where a browser sends a sequence there, else after `after`; None: from now on."""
    return int(last) if last and NUMBER.fullmatch(last) else after


async def begun(database: Database, begin: int | None) -> tuple[int, ServerSentEvent]:
    """After which sequence a stream goes on, and its first event: `reset` where what follows `begin` is not kept."""
    first, latest = await database.read(reading.bounds)
    at = latest if begin is None else begin
    if first - 1 <= at <= latest:
        return at, ServerSentEvent(comment="following", retry=1000)
    return latest, ServerSentEvent(event="reset", data={"sequence": latest}, id=str(latest))


async def follow(
    database: Database,
    teams: list[str] | None,
    begin: int | None,
    every: float = EVERY,
    over: Callable[[], bool] = lambda: False,
) -> AsyncIterator[ServerSentEvent]:
    """The stream from one sequence on, until it is `over`, also while nothing happens; `teams` None: everybody's."""
    places = await database.read(projected)
    at, first = await begun(database, begin)
    yield first
    while not over():
        entries, at = await database.read(partial(reading.after, sequence=at, teams=teams, limit=BATCH))
        for entry in entries:
            if entry.alert is not None:
                yield ServerSentEvent(event="alert", data=entry.alert)
            yield ServerSentEvent(event="change", data=entry.change, id=str(entry.sequence))
        values, places = await database.read(partial(reading.renewed, since=places, teams=teams, limit=BATCH))
        for alert in values:
            yield ServerSentEvent(event="alert", data=alert)
        if not entries and not values:
            await asyncio.sleep(every)
