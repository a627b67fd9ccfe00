"""A gateway for the bridge: its frames come in several parts, and a mixture of two frames shows in a rule.

Half of its series say how often it was polled, the other half the same below zero; so a whole frame adds up to
nothing, and one that was put together of two polls does not.
"""

from __future__ import annotations

import time
from pathlib import Path

from sources.bridge.registry import Gateway as Entry
from sources.bridge.registry import Registry
from sources.demonstration.fake_gateway import FakeGateway
from sources.demonstration.loopback import Loopback

NAME = "bridged"
SERIES = 2_010  # more than one part
EVERY = "2s"
CYCLE = 60_000  # ms; in the second half of each, one of its upstreams is down


class Gateway:
    """`polls`: how often its metrics were read."""

    def __init__(self) -> None:
        """Nobody has asked yet."""
        self.polls = 0
        self._server = Loopback(self.answer)

    async def start(self, data: Path) -> None:
        """Serve, and have the bridge told: `data` is the folder of its registry."""
        _register(data, await self._server.start())

    async def stop(self) -> None:
        """Answer no longer."""
        await self._server.stop()

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, content type and body for a GET of `path`."""
        now = time.time_ns() // 1_000_000
        if path == "/metrics/prometheus":
            self.polls += 1
            return 200, "text/plain; version=0.0.4; charset=utf-8", self.exposition().encode()
        return FakeGateway(now // CYCLE * CYCLE).answer(path, now)

    def exposition(self) -> str:
        """All series with this poll's number."""
        lines = [
            "# TYPE process_start_time_seconds gauge",
            "process_start_time_seconds 1.5",
            "# TYPE balance gauge",
        ]
        values = (self.polls if n < SERIES // 2 else -self.polls for n in range(SERIES))
        return "\n".join([*lines, *(f'balance{{n="{n}"}} {value}' for n, value in enumerate(values))]) + "\n"


def _register(data: Path, url: str) -> None:
    token = data / "bridge.token"
    data.mkdir(parents=True, exist_ok=True)
    token.write_text("nobody-looks")
    entry = {"name": NAME, "url": url, "token_file": str(token), "interval": EVERY}
    Registry(data).put(Entry.model_validate(entry))
