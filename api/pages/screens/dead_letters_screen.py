"""`/dead-letters`: what could not be handled, why, what mends it, and a button that sends it back."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from api.dependencies import Deps, Who
from api.pages.surface import outcome
from api.pages.surface.layout import render
from api.routes import dead_letters
from api.routes.dead_letters import Meant, Offset
from streams.codes import DeadLetterReason
from streams.topics import CHANGES, CONFIG, STAGES

router = APIRouter(prefix="/dead-letters", include_in_schema=False)
TOPICS = (*STAGES.values(), CONFIG, CHANGES)


@router.get("")
async def listed(request: Request, deps: Deps, who: Who, asked: Annotated[Meant, Query()]) -> Response:
    """The newest letters that the filters mean."""
    letters = await dead_letters.listed(deps, who, asked)
    kept = {"topic": asked.topic, "code": asked.code, "q": asked.q, "before": letters["next"]}
    more = urlencode({name: value for name, value in kept.items() if value})
    codes = [(reason.value, reason.value.replace("_", " ")) for reason in DeadLetterReason]
    return render(
        request, "dead_letters.html", letters=letters, asked=asked, more=more, codes=codes, topics=TOPICS
    )


@router.get("/{offset}")
async def one(request: Request, deps: Deps, who: Who, offset: Offset) -> Response:
    """One letter with its input."""
    return render(request, "dead_letter.html", letter=await dead_letters.one(deps, who, offset))


@router.post("/{offset}/send-back")
async def send_back(deps: Deps, who: Who, offset: Offset) -> Response:
    """Send it back to where it came from."""
    await dead_letters.send_back(deps, who, offset)
    return outcome.to("/dead-letters", "It was sent back; if it fails again, it stands here anew.")
