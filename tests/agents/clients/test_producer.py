"""Where what a machine says goes to."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agents.clients.producer import OutputProducer
from streams.messages.dead_letter import Origin
from streams.topics import INBOX, TELEMETRY
from tables.kernel.output import Output


class Producer:
    """A producer that keeps what it is given, and acknowledges."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes | None, int | None]] = []

    async def send(self, topic: str, _: bytes, **how: Any) -> asyncio.Future[Any]:
        """Keep topic, key and partition."""
        self.sent.append((topic, how.get("key"), how.get("partition")))
        return asyncio.get_running_loop().create_future()


@pytest.mark.parametrize(
    ("topic", "key", "where"),
    [
        (TELEMETRY, "", (TELEMETRY, None, 3)),
        (TELEMETRY, "g", (TELEMETRY, b"g", None)),
        (INBOX, "platform", (INBOX, b"platform", None)),
    ],
)
async def test_a_machine_can_speak_to_itself(
    topic: str, key: str, where: tuple[str, bytes | None, int | None]
) -> None:
    """Without a key, what it says to its own topic comes back to its own partition; all else goes by key."""
    outputs, producer = OutputProducer({}), Producer()
    outputs._producer = producer
    origin = Origin(TELEMETRY, 3, 7, b"g", b"{}")
    await outputs.send([Output(topic, key, "id", b"{}")], origin, 5)
    assert producer.sent == [where]
