"""The whole product as an operator runs it, on free ports and a folder of its own; asked only as anybody asks it."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import httpx
import orjson

from api.cli.run import run
from deploy.ports import free_port
from deploy.supervisor.process import leashed
from tests.layout import ROOT
from tests.patience import PATIENCE

T = TypeVar("T")


class Said(NamedTuple):
    """What the command line ended with and printed."""

    code: int
    text: str


class Product:
    """`tocsin up` on an embedded Kafka. `folder`: of all its data."""

    def __init__(self, folder: Path) -> None:
        """Nothing runs yet."""
        self.folder, self.port, self.canary_port = folder, free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._tokens: dict[tuple[str, ...], str] = {}  # by the words that made them

    @property
    def address(self) -> str:
        """Where the API listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, **settings: str) -> None:
        """Start all of it, on a leash that ends it with this process, and wait until it is ready."""
        with (self.folder / "up.log").open("ab") as log:
            self._process = subprocess.Popen(
                leashed([sys.executable, "-m", "api", "up"], signal.SIGINT), cwd=ROOT,
                env=self._environment(settings), stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        until(self._ready)

    def stop(self) -> None:
        """As Ctrl-C does."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(PATIENCE)

    def _environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("TOCSIN_", "MCPGATEWAY_"))
        }
        own = {
            "TOCSIN_DATA": str(self.folder / "data"),
            "TOCSIN_PORT": str(self.port),
            "TOCSIN_PUBLIC_URL": self.address,
            "TOCSIN_DEMONSTRATION": "false",
            "TOCSIN_CANARY": "10s",
            "TOCSIN_CANARY_LISTEN": f"127.0.0.1:{self.canary_port}",
        }
        cache = {"TOCSIN_CACHE": os.environ["TOCSIN_CACHE"]} if "TOCSIN_CACHE" in os.environ else {}
        return {**kept, **cache, **own, **settings}

    def _ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "up.log").read_text()
        try:
            return httpx.get(f"{self.address}/health/ready", trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def tocsin(self, *words: str, **settings: str) -> Said:
        """The command line, as an operator on this machine types it, with these settings."""
        done = subprocess.run(
            [sys.executable, "-m", "api", *words], cwd=ROOT, env=self._environment(settings), capture_output=True,
            text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        return Said(done.returncode, done.stdout + done.stderr)

    def run(self, *words: str) -> Said:
        """What the command line ends with and prints when it runs within this process, which has loaded it already.

        For what a test needs done; what it shows of the command line itself, an operator's own process shows: `tocsin`.
        """
        printed = io.StringIO()
        with redirect_stdout(printed), redirect_stderr(printed):
            code = run(words, self._environment({}), lambda path: Path(path).read_text())
        return Said(code, printed.getvalue())

    def client(self, *words: str) -> httpx.Client:
        """A client of the API with a token that `tocsin token` has made of these words; an administrator's without.

        The same words get the same token again, as somebody who keeps it.
        """
        words = words or ("operator@example.com", "--admin")
        if words not in self._tokens:
            made = self.run("token", *words)
            assert made.code == 0, made.text
            self._tokens[words] = made.text.strip()
        headers = {"Authorization": f"Bearer {self._tokens[words]}"}
        return httpx.Client(base_url=self.address, headers=headers, timeout=PATIENCE, trust_env=False)

    def raised(self, title: str, team: str = "payments", **more: Any) -> dict[str, Any]:
        """An alert that a service of its own raises through the emit API, as the list shows it.

        Alerts of one service are one group, of which a second alert is told minutes after the first.
        """
        service = title.strip("=").replace(" ", "-")
        body = {
            "source": service,
            "title": title,
            "severity": "critical",
            "team": team,
            "dedup_key": title,
        }
        with self.client() as admin:
            answer = admin.post("/v1/alerts", json=body | more)
            assert answer.is_success, answer.text

            def listed() -> Any:
                found = admin.get("/v1/history", params={"q": title, "team": team}).json()["items"]
                return found[0] if found else None

            return dict(until(listed))


class Receiver:
    """A real receiver of webhooks on this machine, which keeps what it gets."""

    def __init__(self) -> None:
        """Listen on a free port."""
        self.got: list[dict[str, Any]] = []
        got = self.got

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                """Keep the body, and say that it was taken."""
                got.append(orjson.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *arguments: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
        self.address = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()


def until(look: Callable[[], T | None], patience: float = PATIENCE) -> T:
    """What a look brings as soon as it brings anything; a failure where that does not come."""
    end = time.monotonic() + patience
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < end, f"it never came: {look}"
        time.sleep(0.1)
