"""Where canaries are received: a small HTTP server in a thread of its own, which also says how things stand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

from streams.errors import Misconfigured

LARGEST = 4_096  # bytes of one message
PATIENCE = 10.0  # seconds for one request


class CanaryReceiver(ThreadingHTTPServer):
    """Hands each canary that lands to `landed`, on a thread of its own; `state` says how things stand, for GET."""

    daemon_threads = True

    def __init__(
        self, where: tuple[str, int], landed: Callable[[str], None], state: Callable[[], dict[str, Any]]
    ) -> None:
        """`where`: host and port; a port of 0 takes a free one, see `server_port`."""
        self.landed, self.state = landed, state
        super().__init__(where, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE
    server: CanaryReceiver  # pyright: ignore[reportIncompatibleVariableOverride]  # as the standard library's own do

    def do_POST(self) -> None:
        """A canary that fires has arrived; that it is over is no news."""
        length = self.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > LARGEST:
            self.close_connection = True
            self._answer(413)
            return
        try:
            body = orjson.loads(self.rfile.read(int(length)))
            id, what = str(body["canary"]), body["what"]
        except (ValueError, KeyError, TypeError):
            self._answer(400)
            return
        if what != "resolved":
            self.server.landed(id)
        self._answer(204)

    def do_GET(self) -> None:
        """How things stand."""
        self._answer(200, orjson.dumps(self.server.state()))

    def _answer(self, status: int, content: bytes = b"") -> None:
        self.send_response_only(status)
        if content:
            self.send_header("content-type", "application/json")
        if status != 204:
            self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Leave out the server's own line for each request."""


@contextmanager
def receiving(
    where: tuple[str, int], landed: Callable[[str], None], state: Callable[[], dict[str, Any]]
) -> Iterator[CanaryReceiver]:
    """A server that answers for the length of a block; Misconfigured where the address is taken."""
    try:
        server = CanaryReceiver(where, landed, state)
    except OSError as why:
        raise Misconfigured(
            f"TOCSIN_CANARY_LISTEN: {where[0]}:{where[1]} cannot be listened at: {why.strerror}"
        ) from None
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
