"""How connections are held: who sends half of a request, or none, is not waited for for ever.

What uvicorn itself bounds is the time between two requests. An idle connection is closed later here than clients give
it up: one that is taken from a client's pool at the moment at which the server closes it is a "Server disconnected".
"""

from __future__ import annotations

import asyncio
import resource
from contextlib import suppress
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD = (
    10.0  # seconds from the connection, or from the first byte of a further request, to the end of its head
)
KEEP_ALIVE = 75  # seconds between two requests; clients of today give an idle connection up after 5 to 60
CONNECTIONS = 4_000  # at once; to more it is answered 503
FILES = 2 * CONNECTIONS


class HastyProtocol(H11Protocol):
    """HTTP/1.1, with a deadline for the head of each request."""

    head_timeout = HEAD

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """As uvicorn makes it."""
        super().__init__(*arguments, **named)
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection begins: its first request is waited for from now on."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Some bytes of a request have come: either its head is whole, or the rest of it is waited for."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        elif self._deadline is None:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        self._deadline = self.loop.call_later(self.head_timeout, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def raise_limit_of_files() -> None:
    """Let this process hold as many connections as it is to serve, as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
