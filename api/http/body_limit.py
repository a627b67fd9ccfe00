"""No request body over the bound of its path is read: it is answered 413 before it fills the memory; nor a slow one.

Nor one of very many values: whoever reads JSON holds everybody else up, for each of them, however short they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.error_answer import error_answer
from streams.codes import RefusalCode

PLANNED = 8 << 20  # bytes: ten thousand documents of 800 bytes
LARGEST = 4 << 20  # bytes: twenty thousand samples of a trial
USUAL = 256 << 10  # bytes: a command holds 100 000, and JSON may spell each character in six
EMITTED = 128 << 10  # bytes: an event or an alert of plugins and services has 64 kB at most
PUSHED = 8 << 20  # bytes of metrics; opened they are as many at most
VALUES = 200_000  # of one body, as its commas tell: ten thousand documents of twenty values
SLOWEST = 60.0  # seconds for a whole body
BOUNDS = {
    "/v1/session": 1 << 10,  # of anybody
    "/v1/plan": PLANNED,
    "/v1/documents": LARGEST,
    "/v1/rules/test": LARGEST,
    "/v1/events": EMITTED,
    "/v1/alerts": EMITTED,
    "/api/v1/write": PUSHED,
    "/otlp/v1/metrics": PUSHED,
}


def bound_of(path: str) -> int:
    """How many bytes the body of a request may have, by its path."""
    return BOUNDS.get(path.rstrip("/"), USUAL)


class BodyLimit:
    """An ASGI application that counts the bytes that another one reads."""

    def __init__(self, app: ASGIApp, timeout: float = SLOWEST) -> None:
        """`app`: what reads the bodies; `timeout`: seconds for a whole one."""
        self._app, self._timeout = app, timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse by the announced length; a body that is longer than announced ends where it is too long."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        largest = bound_of(scope["path"])
        words = f"a request to this path holds at most {largest} bytes: send less, or in parts"
        headers = Headers(scope=scope)
        announced = headers.get("content-length", "0")
        if not announced.isdecimal() or int(announced) > largest:
            await error_answer(words, RefusalCode.TOO_LARGE)(scope, receive, send)
            return
        read = values = 0
        until = None
        if announced != "0" or "transfer-encoding" in headers:
            until = asyncio.get_running_loop().time() + self._timeout

        async def counting() -> Message:
            nonlocal read, values, until
            async with _in_time(until):
                message = await receive()
            if not message.get("more_body", False):
                until = None  # what is waited for from now on is the end of the connection
            piece = message.get("body", b"")
            read, values = read + len(piece), values + piece.count(b",")
            if read > largest:
                raise HTTPException(413, words)
            if values > VALUES:
                raise HTTPException(413, f"a request holds at most {VALUES} values: send less, or in parts")
            return message

        await self._app(scope, counting, send)


@asynccontextmanager
async def _in_time(until: float | None) -> AsyncIterator[None]:
    """Wait for a piece of a body until an instant of the loop, None: for ever; who is too slow has gone, for us."""
    try:
        async with asyncio.timeout_at(until):
            yield
    except TimeoutError:
        raise ClientDisconnect from None
