"""The shape that every channel has: one attempt in, one answer out, nothing remembered in between."""

from __future__ import annotations

from typing import Protocol

from sinks.outcome import Answer
from streams.messages.attempt import Attempt


class Channel(Protocol):
    """A way out of Tocsin. A failure of the world is an answer; only a bug of ours is an exception."""

    async def send(self, attempt: Attempt) -> Answer:
        """Make the one call that `attempt` asks for, within ten seconds."""
        ...
