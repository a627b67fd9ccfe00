"""`/v1/notifications`: what your teams were told, read and unread, as a list and as it happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from api.dependencies import Deps, Signed, StreamPlace, Who
from api.queries import notifications as reading
from api.queries.database import Database
from api.queries.notifications import NotificationReader
from api.routes.stream import BATCH, EVERY, begun, place, until_over
from streams.access import Permission, readable_teams, require
from streams.errors import Refused
from streams.messages.command import Principal

router = APIRouter(prefix="/v1/notifications", tags=["notifications"])
Sequence = Annotated[int, Field(ge=1, lt=1 << 53)]


class Narrowed(BaseModel):
    """Which notifications. `cursor`: as `next_cursor` of the page before says."""

    model_config = ConfigDict(extra="forbid", str_max_length=200)
    unread: bool = False
    team: str = ""
    cursor: str = Field(default="", pattern=r"^[0-9]{0,15}$")
    limit: int = Field(default=50, ge=1, le=200)


class Marked(BaseModel):
    """Either single ones, as `sequences`, or all `through` one; `read` false: those single ones are unread again."""

    model_config = ConfigDict(extra="forbid")
    sequences: list[Sequence] = Field(default=[], max_length=500)
    through: Sequence | None = None
    read: StrictBool = True


@router.get("")
async def listed(deps: Deps, who: Who, asked: Annotated[Narrowed, Query()]) -> dict[str, Any]:
    """What your teams were told, the newest first; `unread` counts up to a thousand."""
    reader = _reader(who)
    if asked.team:
        require(who, Permission.READ, asked.team)
        reader = reader._replace(teams=[asked.team])
    before = int(asked.cursor) if asked.cursor else None
    return await deps.database.read(lambda c: reading.page(c, reader, before, asked.limit, asked.unread))


@router.post("/read")
async def mark(deps: Deps, who: Who, marked: Marked) -> dict[str, Any]:
    """Say which you have read, or have not; how many are unread then."""
    reader = _reader(who)
    if bool(marked.sequences) == (marked.through is not None):
        raise Refused("say either `sequences` or `through`: which notifications are meant")
    if marked.through is not None and not marked.read:
        raise Refused(
            "`through` says up to where all is read: name single ones in `sequences` to have them unread"
        )
    if marked.through is not None:
        await deps.read_marks.mark_through(reader, marked.through)
    else:
        await deps.read_marks.mark(reader, marked.sequences, marked.read)
    return {"unread": await deps.database.read(lambda c: reading.count_unread(c, reader))}


@router.get("/stream", response_class=EventSourceResponse, dependencies=[StreamPlace])
async def live(
    deps: Deps,
    signed: Signed,
    request: Request,
    after: Annotated[int | None, Query(ge=0)] = None,
    last: Annotated[str | None, Header(alias="Last-Event-ID")] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Notifications after `Last-Event-ID` (or `after`, or from now on), each as the list shows it."""
    begin = place(last, after)
    with deps.measures.streams.track_inprogress(), deps.streams.taken(signed.principal.name):
        over = until_over(deps, signed)
        async for event in follow(deps.database, _reader(signed.principal), begin, over=over):
            if over() or await request.is_disconnected():
                return
            yield event


async def follow(
    database: Database,
    reader: NotificationReader,
    begin: int | None,
    every: float = EVERY,
    over: Callable[[], bool] = lambda: False,
) -> AsyncIterator[ServerSentEvent]:
    """The stream from one sequence on, until it is `over`; `reset` where that is not kept: read the list again."""
    at, first = await begun(database, begin)
    yield first
    while not over():
        items, at = await database.read(partial(reading.after, reader=reader, sequence=at, limit=BATCH))
        for item in items:
            yield ServerSentEvent(event="notification", data=item, id=str(item["sequence"]))
        if not items:
            await asyncio.sleep(every)


def _reader(who: Principal) -> NotificationReader:
    return NotificationReader(who.name, readable_teams(who))
