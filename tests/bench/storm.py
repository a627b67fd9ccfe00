"""Ten thousand alerts of one team within a minute, each a group of its own: how many pages, and when the first.

Two recipients are told by a channel that calls people. Each page says how many alerts it stands for; the list is the
read model.
"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self

import orjson

from tests.bench.account import spent
from tests.bench.open_alerts import count, until
from tests.bench.options import Options
from tests.bench.ours import Ours
from tests.bench.respond import MESSAGE, Shape, published

SHAPE, MINUTE = Shape(10_000, 10_000, ("critical", "warning")), 60.0
AFTER = 150.0  # seconds after the last alert in which pages may still come
RECIPIENTS = ("anna", "ben")
STANDS_FOR = re.compile(r"([0-9]+) alerts? in ([0-9]+) messages|\b1 alert\b")


class CalledPage(NamedTuple):
    """One page: when it came (steady clock, seconds), to whom, and its title."""

    when: float
    to: str
    title: str


class Telephones:
    """Where pages are received, as ntfy would; `pages` grows."""

    def __init__(self) -> None:
        """It listens once it is entered, on `port`."""
        self.pages: list[CalledPage] = []
        pages = self.pages

        class Handler(BaseHTTPRequestHandler):
            """Kept-alive requests of one client."""

            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                """Note one page."""
                body = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
                pages.append(CalledPage(time.monotonic(), body["topic"], body["title"]))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

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


def measure(options: Options) -> dict[str, Any]:
    """The pages of each recipient, seconds to the first, and what the list holds."""
    with Telephones() as phones, Ours(options.folder, phones.port) as ours:
        ours.run("ntfy", "sinks", "ntfy").until("started")
        ours.run("history", "sinks", "history")
        ours.configure([], _documents(phones.port))
        before = {name: spent(pid) for name, pid in ours.pids.items()}
        began = time.monotonic()
        asyncio.run(published(ours, SHAPE, MINUTE * MESSAGE / SHAPE.alerts))
        took = time.monotonic() - began
        model = options.folder / "state" / "history.sqlite"
        until(lambda: count(model, "firing") >= SHAPE.alerts, "all are listed")
        listed = time.monotonic() - began
        time.sleep(max(0.0, began + took + AFTER - time.monotonic()))
        ours.alive()
        cpu = {name: round(spent(pid) - before[name], 1) for name, pid in ours.pids.items()}
    recipients = {
        name: _pages([page for page in phones.pages if page.to == name], began) for name in RECIPIENTS
    }
    return {"sent_in_s": round(took, 1), "listed_s": round(listed, 1), "recipients": recipients, "cpu_s": cpu}


def _documents(port: int) -> list[tuple[str, dict[str, Any]]]:
    phones = [
        ("endpoint", {
            "name": name, "channel": "ntfy", "topic": name, "allow_private": True,
            "api_url": f"http://127.0.0.1:{port}",
        })
        for name in RECIPIENTS
    ]  # fmt: skip
    steps = [{"notify": [f"endpoint/{name}" for name in RECIPIENTS]}]
    policy = ("policy", {"name": "calls", "steps": steps})
    return [*phones, policy, ("route", {"name": "all", "to": "policy/calls", "group_wait": "0s"})]


def _pages(pages: list[CalledPage], began: float) -> dict[str, Any]:
    """How many, when the first, and how many alerts each of them says that it stands for."""
    counts = [int(found[1] or 1) if (found := STANDS_FOR.search(page.title)) else 1 for page in pages]
    return {
        "pages": len(pages),
        "first_s": round(pages[0].when - began, 2) if pages else None,
        "at_s": [round(page.when - began, 1) for page in pages],
        "stand_for": counts,
        "together": sum(counts),
    }
