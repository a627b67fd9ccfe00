"""A webhook catcher: shows what arrives, so that a demonstration shows the far end of the path as well.

`python -m deploy.catcher PORT FILE`, or `python -m deploy catcher`. It verifies nothing and forwards nothing.
Every notification is one line on the screen and, where there is a file, one JSON line in it; `GET /` lists the
newest 200.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NoReturn

SHOWN = 200  # notifications in the list
LARGEST = 1 << 20  # bytes of one message
Caught = dict[str, Any]


def catcher(host: str, port: int, say: Callable[[str], None], file: Path | None = None) -> Catcher:
    """A server, not yet serving, that answers every POST with 204 and says its body as one line."""
    return Catcher(host, port, say, file)


class Catcher(ThreadingHTTPServer):
    """Keeps what it caught: the newest in memory, and all of it in `file`, over restarts too."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, say: Callable[[str], None], file: Path | None) -> None:
        """`port`: 0 takes a free one, see `server_port`."""
        self._say, self._file, self._lock = say, file, threading.Lock()
        self._caught: deque[Caught] = deque(_before(file) if file else (), maxlen=SHOWN)
        super().__init__((host, port), Handler)

    def keep(self, caught: Caught, raw: bytes) -> None:
        """Add one notification to the file and to the list, and say it."""
        with self._lock:
            if self._file:
                with self._file.open("a") as out:
                    out.write(json.dumps(caught) + "\n")
            self._caught.append(caught)
        self._say(f"caught {caught['id'] or 'without id'}: {_one_line(raw)}")

    def newest(self) -> list[Caught]:
        """Summaries of the newest 200, newest first."""
        with self._lock:
            return [_summary(caught) for caught in reversed(self._caught)]


class Handler(BaseHTTPRequestHandler):
    """POST anything, GET the list."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer is one packet
    disable_nagle_algorithm = True
    server: Catcher  # pyright: ignore[reportIncompatibleVariableOverride]  # as the standard library's own servers do

    def do_POST(self) -> None:
        """Read the body, keep it, and be content."""
        length = self.headers.get("content-length", "")
        if not length.isdigit() or int(length) > LARGEST:
            self.close_connection = True
            self._answer(413 if length.isdigit() else 411)
            return
        raw = self.rfile.read(int(length))
        names = ((name.lower(), value) for name, value in self.headers.items())
        hooks = {name: value for name, value in names if name.startswith("webhook-")}
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        caught = {"received_at": now, "id": hooks.get("webhook-id", ""), "headers": hooks, "body": _body(raw)}
        self.server.keep(caught, raw)
        self._answer(204)

    def do_GET(self) -> None:
        """List the newest notifications as JSON."""
        if self.path == "/":
            self._answer(200, json.dumps(self.server.newest(), indent=1).encode())
        else:
            self._answer(404)

    def _answer(self, status: int, content: bytes = b"") -> None:
        self.send_response_only(status)
        if content:
            self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Leave out the server's own line for each request."""


def _summary(caught: Caught) -> Caught:
    body = caught.get("body")
    fields = body if isinstance(body, dict) else {}
    shown = {name: fields.get(name, "") for name in ("title", "what", "severity", "attempt")}
    return {"id": caught["id"], "received_at": caught["received_at"], "headers": caught["headers"]} | shown


def _body(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode(errors="replace")


def _one_line(raw: bytes) -> str:
    try:
        return json.dumps(json.loads(raw), ensure_ascii=False)
    except ValueError:
        return repr(raw)


def _before(file: Path) -> Iterable[Caught]:
    """What an earlier run caught; a crash may have cut the last line."""
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = file.read_text().splitlines()[-SHOWN:] if file.exists() else []
    read = (_body(line.encode()) for line in lines)
    whole = {"id", "received_at", "headers"}
    return [caught for caught in read if isinstance(caught, dict) and whole <= caught.keys()]


def end_on_signals() -> None:
    """From now on SIGTERM and Ctrl-C end this process with 0; process 1 of a container ignores SIGTERM otherwise."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)


def _end(*_: Any) -> NoReturn:
    raise SystemExit(0)


def main(words: list[str]) -> int:
    """Serve on this machine until interrupted; the exit code."""
    if len(words) != 2 or not words[0].isdigit():
        print("usage: python -m deploy.catcher PORT FILE", file=sys.stderr)  # noqa: T201 - run as a program
        return 2

    def say(line: str) -> None:
        print(line, flush=True)  # noqa: T201 - its purpose

    end_on_signals()
    with catcher("127.0.0.1", int(words[0]), say, Path(words[1])) as server:
        say(f"the webhook catcher listens on http://127.0.0.1:{server.server_port}/")
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
