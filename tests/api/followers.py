"""The API as a process of its own that is killed and started again, and readers of its stream that come back."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import orjson

from api.auth.token import Tokens
from deploy.keys import completed
from deploy.ports import free_port
from deploy.supervisor.process import leashed
from streams.keys import several
from streams.settings import Settings
from tests.api.conftest import ADMIN
from tests.layout import ROOT
from tests.patience import PATIENCE


class ApiProcess:
    """`tocsin serve` on the read model of a folder; there is no Kafka, so it reads and writes nothing."""

    def __init__(self, folder: Path) -> None:
        """Nothing runs yet; the keys are made."""
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        made = completed(Settings(data=str(folder)))
        self.token = Tokens(several(made.token_key)).issue(ADMIN, int(time.time()), 3_600)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Until it answers."""
        process = self._process = self._launched()
        async with (
            asyncio.timeout(PATIENCE),
            httpx.AsyncClient(base_url=self.address, trust_env=False) as client,
        ):
            while True:
                with suppress(httpx.HTTPError):
                    if (await client.get("/health/live")).is_success:
                        return
                assert process.poll() is None, (self._folder / "api.log").read_text()[-2_000:]
                await asyncio.sleep(0.05)

    def _launched(self) -> subprocess.Popen[bytes]:
        own = {
            "TOCSIN_DATA": str(self._folder), "TOCSIN_PORT": str(self.port), "TOCSIN_KAFKA_BOOTSTRAP": "127.0.0.1:1",
            "MCPGATEWAY_ALERTING_ENABLED": "false", "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        theirs = ("TOCSIN_", "MCPGATEWAY_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(theirs)}
        command = leashed([sys.executable, "-m", "api", "serve"], signal.SIGKILL)
        with (self._folder / "api.log").open("ab") as log:
            return subprocess.Popen(command, cwd=ROOT, env=kept | own, stdout=log, stderr=log)

    def kill(self) -> None:
        """As a machine does that has no memory left."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE)


@dataclass
class Follower:
    """A reader of the stream as a browser is one: it comes back with the id of the last event that it got whole."""

    last: str = "0"
    got: list[int] = field(default_factory=list)  # the ids of changes, as they came
    resets: int = 0
    came_back: int = 0

    async def follow(self, client: httpx.AsyncClient, until: int) -> None:
        """Until the event with this id is there."""
        while not self.got or self.got[-1] < until:
            with suppress(httpx.HTTPError):
                async with client.stream("GET", "/v1/stream", headers={"Last-Event-ID": self.last}) as answer:
                    async for name, id_, _ in events(answer.aiter_lines()):
                        self._take(name, id_)
                        if self.got and self.got[-1] >= until:
                            return
            self.came_back += 1
            await asyncio.sleep(0.1)

    def _take(self, name: str, id_: str) -> None:
        self.resets += name == "reset"
        self.last = id_ or self.last
        if name == "change":
            self.got.append(int(id_))


async def events(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, str, str]]:
    """Name, id and data of each event that came whole; one that is cut off is none."""
    known: dict[str, str] = {}
    async for line in lines:
        if line:
            name, _, value = line.partition(": ")
            known[name] = value
            continue
        if "event" in known:
            orjson.loads(known.get("data", "null"))
            yield known["event"], known.get("id", ""), known.get("data", "")
        known = {}
