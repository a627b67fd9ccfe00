"""On a real Kafka: what is logged while nobody polls is told by whoever polls next, and nothing is told again."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaConsumer

from sources.bridge.auth_log import SOURCE
from sources.bridge.registry import Gateway, Registry
from sources.contextforge.client import AUTH_EVENTS
from sources.demonstration.fake_gateway import FakeGateway
from sources.demonstration.loopback import Loopback
from sources.telemetry.cursors import CursorTopic
from streams.messages.envelope import decode
from streams.topics import TELEMETRY
from tests.chaos.ground import Ground
from tests.chaos.process import Process
from tests.patience import PATIENCE

pytestmark = pytest.mark.cluster


class Logins:
    """A gateway with a log of logins."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []

    def fail(self, id: int) -> None:
        """Somebody's login fails."""
        record = {"id": id, "timestamp": "2026-12-07T09:00:00", "user_email": "ada@example.com"}
        self.records.insert(0, record | {"event_type": "login", "success": False})

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """As the gateway answers a path."""
        if path.partition("?")[0] == AUTH_EVENTS:
            return 200, "application/json", orjson.dumps(self.records)
        return FakeGateway(0).answer(path, 1_000)


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    """A started Kafka with all topics."""
    made = Ground(tmp_path / "cursors")
    made.start()
    yield made
    made.broker.stop()


@pytest.fixture
async def logins(ground: Ground, tmp_path: Path) -> AsyncIterator[Logins]:
    """A gateway that is watched by whoever runs a bridge."""
    made, token = Logins(), tmp_path / "token"
    server = Loopback(made.answer)
    token.write_text("t")
    url = await server.start()
    Registry(ground.settings.data).put(Gateway(name="prod", url=url, token_file=str(token), interval="2s"))
    yield made
    await server.stop()


async def told(ground: Ground, last: str) -> list[str]:
    """The events about logins, until the last one has come."""
    found: list[str] = []
    async with (
        asyncio.timeout(PATIENCE),
        AIOKafkaConsumer(
            TELEMETRY, bootstrap_servers=ground.settings.bootstrap, auto_offset_reset="earliest"
        ) as consumer,
    ):
        while last not in found:
            for records in (await consumer.getmany(timeout_ms=100)).values():
                ids = [str(decode(record.value)["id"]) for record in records]
                found += [id for id in ids if id.startswith("prod/auth/")]
    return found


async def read_up_to(ground: Ground, id: int) -> None:
    """Wait until the topic says that the log has been read so far."""
    topic = CursorTopic(ground.settings)
    async with asyncio.timeout(PATIENCE):
        while (await topic.read()).get(f"prod/{SOURCE}") != id:  # noqa: ASYNC110  # a topic does not call
            await asyncio.sleep(0.1)


async def test_a_bridge_that_was_killed(ground: Ground, logins: Logins) -> None:
    """Another goes on where it was, over what was logged meanwhile; what was before the very first is not told."""
    logins.fail(7)
    bridge = Process("bridge-a", ground.folder / "log", ground.environment, "sources", "bridge")
    try:
        await read_up_to(ground, 7)
        logins.fail(8)
        await read_up_to(ground, 8)
        bridge.signal(signal.SIGKILL)
        bridge.wait()
        logins.fail(9)
        bridge.start()
        assert await told(ground, "prod/auth/9") == ["prod/auth/8", "prod/auth/9"]
    finally:
        bridge.end()
