"""No request body over a bound is read: it is answered 413 before it fills the memory."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 8 << 20  # bytes: a trial's hundred thousand samples fit


class Bound:
    """An ASGI application that counts the bytes that another one reads."""

    def __init__(self, app: ASGIApp, largest: int = LARGEST) -> None:
        """`largest`: bytes of one request's body."""
        self._app, self._largest = app, largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse by the announced length; a body that is longer than announced ends where it is too long."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        words = f"a request holds at most {self._largest} bytes: send it in parts"
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdigit() or int(announced) > self._largest:
            await JSONResponse({"detail": words}, 413)(scope, receive, send)
            return
        read = 0

        async def counting() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._largest:
                raise HTTPException(413, words)
            return message

        await self._app(scope, counting, send)
