"""What every answer tells the browser to refuse: foreign scripts, frames, guessed types, leaked addresses."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streams.links.acknowledge_link import PATH

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class SecureHeaders:
    """An ASGI application that adds the headers to all that another one answers."""

    def __init__(self, app: ASGIApp) -> None:
        """`app`: what answers."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and add the headers where the answer begins."""

        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ALWAYS.items():
                    headers[name] = value
                if scope["path"].startswith(PATH):  # the one page whose button needs no script
                    headers["Content-Security-Policy"] = POLICY.replace(
                        "form-action 'none'", "form-action 'self'"
                    )
                keep = "no-cache" if scope["path"].startswith("/static/") else "no-store"
                headers.setdefault(
                    "Cache-Control", keep
                )  # files are asked for anew, or an update would mix two pages
            await send(message)

        await self._app(scope, receive, adding if scope["type"] == "http" else send)
