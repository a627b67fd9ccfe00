"""The far end: a server on loopback that notes when each webhook came and whom it is about; it can be scraped, too."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple, Self

import orjson


class Caught(NamedTuple):
    """One webhook: when it had come (steady clock, seconds), the gateways that it names, and whether it fires."""

    when: float
    gateways: frozenset[str]
    firing: bool


class Catcher:
    """Runs in threads of this process. `caught` grows; `page` answers GET."""

    def __init__(self, page: Callable[[], bytes] = bytes) -> None:
        """It listens once it is entered, on `port`."""
        self.caught: list[Caught] = []
        catcher = self

        class Handler(BaseHTTPRequestHandler):
            """Kept-alive requests of one client."""

            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                """Note one webhook."""
                body = self.rfile.read(int(self.headers["Content-Length"]))
                catcher.caught.append(read(body, time.monotonic()))
                self.answer(b"")

            def do_GET(self) -> None:
                """Give the page."""
                self.answer(page())

            def answer(self, body: bytes) -> None:
                """Say 200."""
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]

    def __enter__(self) -> Self:
        """Serve."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    def heard(self) -> dict[str, float]:
        """When each gateway was first said to be firing."""
        found: dict[str, float] = {}
        for one in self.caught:
            for gateway in one.gateways if one.firing else ():
                found.setdefault(gateway, one.when)
        return found


def read(body: bytes, when: float) -> Caught:
    """A webhook of ours or of Alertmanager's: both list `alerts` with labels and a status."""
    alerts = orjson.loads(body).get("alerts", [])
    firing = [alert for alert in alerts if alert["status"] == "firing"]
    return Caught(
        when, frozenset(alert["labels"].get("gateway", "") for alert in firing or alerts), bool(firing)
    )
