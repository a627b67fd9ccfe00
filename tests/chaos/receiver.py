"""Where webhooks arrive: a receiver that is slow, busy or hangs up now and then, and forgets nothing."""

from __future__ import annotations

import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import orjson

HUNG_UP = 0  # instead of a status: the body was taken, and the connection closed without a word


class Call(NamedTuple):
    """One call that arrived whole. `at`: s UTC; `id`: its header `webhook-id`; `status`: what was answered."""

    at: float
    id: str
    body: bytes
    status: int

    @property
    def attempt(self) -> tuple[str, int]:
        """The notification's id and the attempt's number, as the body has them."""
        said = orjson.loads(self.body)
        return said["notification_id"], said["attempt"]


class Receiver(ThreadingHTTPServer):
    """`calls`: all that arrived; while `moody` it answers as receivers do on a bad day."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, seed: int) -> None:
        """It serves at once, in threads of its own."""
        self.calls: list[Call] = []
        self.moody = True
        self._random, self._lock = random.Random(seed), threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def mood(self) -> tuple[float, int]:
        """How long the next answer takes, in s, and its status: every other one soon and well."""
        with self._lock:
            chance, wait = self._random.random(), self._random.random()
        if not self.moody or chance < 0.5:
            return wait * 0.05, 204
        if chance < 0.85:
            return 0.2 + wait * 2.5, 204
        return wait * 0.5, 503 if chance < 0.9 else HUNG_UP

    def keep(self, call: Call) -> None:
        """Remember a call."""
        with self._lock:
            self.calls.append(call)

    def close(self) -> None:
        """Serve no longer."""
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: Receiver  # pyright: ignore[reportIncompatibleVariableOverride]  # as the standard library's own servers do

    def do_POST(self) -> None:
        """Take the body, and answer as the mood is."""
        body = self.rfile.read(int(self.headers["content-length"]))
        wait, status = self.server.mood()
        self.server.keep(Call(time.time(), self.headers.get("webhook-id", ""), body, status))
        time.sleep(wait)
        if status == HUNG_UP:
            self.close_connection = True
            return
        self.send_response_only(status)
        if status != 204:
            self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
