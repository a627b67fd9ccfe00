"""A failure of the API in, the same failure as a page, or as a sentence within one, out.

The status and the words stay the API's own: a page decides nothing anew.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import orjson
from fastapi import Request
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.pages.surface.layout import FRAGMENT, render

BUG = "a bug of ours: the API's log has it"
KEPT = (b"retry-after", b"www-authenticate", b"allow")
TITLES = {
    400: "This cannot be read",
    401: "You are not signed in",
    403: "Not permitted",
    404: "Not found",
    503: "Not possible now",
}


class FailurePages:
    """An ASGI application that answers for pages in HTML where another one answers a failure in JSON."""

    def __init__(self, app: ASGIApp, paths: tuple[str, ...]) -> None:
        """`paths`: the first parts of the paths of pages."""
        self._app, self._paths = app, frozenset(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; of a failure keep what it says, and answer it as a page."""
        if scope["type"] != "http" or not self._is_page(scope["path"]):
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        try:
            await self._app(scope, receive, answer)
        except Exception:
            if not answer.passed:
                await _page(scope, 500, BUG)(scope, receive, send)
            raise
        if answer.failed:
            page = _page(scope, answer.status, answer.detail())
            page.raw_headers += [pair for pair in answer.headers if pair[0] in KEPT]
            await page(scope, receive, send)

    def _is_page(self, path: str) -> bool:
        """By the first part of a path; a target such as `*` has none."""
        return "/" + path.removeprefix("/").partition("/")[0] in self._paths


class _Answer:
    """What passes from the application to whoever asked, except for a failure, which is kept."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status, self.headers = 0, list[tuple[bytes, bytes]]()
        self.failed = self.passed = False
        self._body = b""

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
            kind = Headers(raw=self.headers).get("content-type", "")
            self.failed = self.status >= 400 and kind.startswith("application/json")
        if self.failed:
            self._body += message.get("body", b"")
            return
        self.passed = True
        await self._send(message)

    def detail(self) -> str:
        """The sentence of the failure."""
        return str(orjson.loads(self._body).get("detail", BUG))


def _page(scope: Scope, status: int, detail: str) -> Response:
    request = Request(scope)
    fragment = request.headers.get(FRAGMENT) == "true"
    title = TITLES.get(status, "This went wrong")
    template = "problem.html" if fragment else "failure.html"
    return render(request, template, status, title=title, detail=detail, signed_out=status == 401)
