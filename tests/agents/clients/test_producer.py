"""Where what a machine says goes to."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agents.clients.producer import OutputProducer
from streams.messages.dead_letter import Origin
from streams.topics import DEAD_LETTER, INBOX, TELEMETRY
from tables.kernel.output import Output


class Producer:
    """A producer that keeps what it is given, and acknowledges."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes | None, int | None]] = []
        self.bytes = 0

    async def send(self, topic: str, raw: bytes, **how: Any) -> asyncio.Future[Any]:
        """Keep topic, key and partition."""
        self.sent.append((topic, how.get("key"), how.get("partition")))
        self.bytes += len(raw) + sum(len(value) for _, value in how.get("headers", ()))
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


async def test_dead_letters_of_one_input_are_little_more_than_it() -> None:
    """A message that fails in 256 ways is kept once, not 256 times."""
    outputs, producer = OutputProducer({}), Producer()
    outputs._producer = producer
    origin = Origin(TELEMETRY, 3, 7, b"g", b"x" * 250_000)
    failures = [
        Output(DEAD_LETTER, "", f"detect-3!7!{n}", b"", f"sender: {n} is no series") for n in range(256)
    ]
    await outputs.send([Output(INBOX, "platform", "id", b"{}"), *failures], origin, 5)
    assert [topic for topic, *_ in producer.sent].count(DEAD_LETTER) == 256
    assert producer.bytes < 2 * len(origin.value)
