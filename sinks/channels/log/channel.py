"""The log channel: one JSON line a notification, for whoever collects this process's standard output."""

from __future__ import annotations

import sys
from typing import TextIO

import orjson
import structlog

from sinks.channels.payload import payload
from sinks.outcome import Answer, Delivered, Retry
from streams.messages.attempt import Attempt


class Log:
    """Writes to a stream; the endpoint's name is shown, its other fields are not needed."""

    def __init__(self, stream: TextIO | None = None) -> None:
        """`stream`: standard output unless given."""
        self._log = structlog.wrap_logger(
            structlog.WriteLogger(stream or sys.stdout),
            processors=[structlog.processors.JSONRenderer(lambda event, **_: orjson.dumps(event).decode())],
            wrapper_class=structlog.BoundLogger,
        )

    async def send(self, attempt: Attempt) -> Answer:
        """Write the line; Retry where the stream is closed or its disk is full."""
        try:
            self._log.info("notification", to=attempt.notification.to, **payload(attempt))
        except (OSError, ValueError) as why:
            return Retry(None, f"the log could not be written: {why}")
        return Delivered("written to the log")
