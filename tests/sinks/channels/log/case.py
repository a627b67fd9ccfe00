"""The log under contract: its line is JSON."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson

from sinks.channel import Channel
from sinks.channels.log.channel import Log
from sinks.channels.resources import Resources
from tests.sinks.channels.case import Case, Place


class LogPlace:
    """A stream in memory."""

    def __init__(self) -> None:
        self._stream = io.StringIO()

    def endpoint(self) -> dict[str, Any]:
        """The log needs nothing."""
        return {"name": "log", "channel": "log"}

    def answer(self, script: str) -> None:
        """A stream says nothing."""

    def messages(self) -> list[str]:
        """The lines."""
        return self._stream.getvalue().splitlines()

    def channel(self, shared: Resources) -> Channel:
        """The sender on this stream."""
        return Log(self._stream)


@asynccontextmanager
async def opened() -> AsyncIterator[Place]:
    """A stream."""
    yield LogPlace()


def oracle(line: str) -> None:
    """One JSON object."""
    assert orjson.loads(line)["event"] == "notification"


CASE = Case(place=opened, oracle=oracle, http=False, hangs_up=False)
