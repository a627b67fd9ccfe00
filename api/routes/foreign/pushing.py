"""Frames that were pushed, handed to the broker: all of a request, or the sender is told to send it again."""

from __future__ import annotations

from fastapi.concurrency import run_in_threadpool

from api.dependencies import Dependencies
from sources.intake.metrics.pushed import PushedFrames
from streams.errors import Unavailable, Unconfirmed

UNCONFIRMED = "the broker has not confirmed all of it: send the same again, it counts once"


async def push(deps: Dependencies, frames: PushedFrames, whole: bool) -> None:
    """Keep the frames for good; Unavailable where the broker does not. `whole`: whether each is all of its instant."""
    messages = await run_in_threadpool(lambda: list(frames.messages(whole)))
    try:
        await deps.events.push(messages)
    except Unconfirmed:
        raise Unavailable(UNCONFIRMED) from None
