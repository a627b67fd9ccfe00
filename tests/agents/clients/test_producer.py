"""Where what a machine says goes to."""

from __future__ import annotations

import asyncio

import pytest

from agents.clients.partitioner import partition_of
from agents.clients.producer import OutputProducer
from streams.messages.dead_letter import Origin
from streams.topics import DEAD_LETTER, INBOX, TELEMETRY
from tables.kernel.output import Output
from tests.agents.doubles import BatchProducer


@pytest.mark.parametrize(
    ("topic", "key", "where"),
    [
        (TELEMETRY, "", (TELEMETRY, 3, None)),
        (TELEMETRY, "g", (TELEMETRY, partition_of("g", 4), b"g")),
        (INBOX, "platform", (INBOX, partition_of("platform", 4), b"platform")),
    ],
)
async def test_a_machine_can_speak_to_itself(
    topic: str, key: str, where: tuple[str, int, bytes | None]
) -> None:
    """Without a key, what it says to its own topic comes back to its own partition; all else goes by key."""
    outputs, producer = OutputProducer({}), BatchProducer()
    outputs._producer = producer
    origin = Origin(TELEMETRY, 3, 7, b"g", b"{}")
    await asyncio.gather(*await outputs.send([Output(topic, key, "id", b"{}")], origin, 5))
    assert producer.records == [(*where, b"{}")]


async def test_dead_letters_of_one_input_are_little_more_than_it() -> None:
    """A message that fails in 256 ways is kept once, not 256 times."""
    outputs, producer = OutputProducer({}), BatchProducer()
    outputs._producer = producer
    origin = Origin(TELEMETRY, 3, 7, b"g", b"x" * 250_000)
    failures = [
        Output(DEAD_LETTER, "", f"detect-3!7!{n}", b"", f"sender: {n} is no series") for n in range(256)
    ]
    sent = await outputs.send([Output(INBOX, "platform", "id", b"{}"), *failures], origin, 5)
    await asyncio.gather(*sent)
    assert [topic for topic, *_ in producer.records].count(DEAD_LETTER) == 256
    assert producer.bytes < 2 * len(origin.value)


async def test_nothing_is_left_behind() -> None:
    """What was handed over has been acknowledged when the producer is closed."""
    outputs, producer = OutputProducer({}), BatchProducer()
    outputs._producer = producer
    sent = await outputs.send(
        [Output(INBOX, "platform", "id", b"{}")], Origin(TELEMETRY, 3, 7, b"g", b"{}"), 5
    )
    await outputs.stop()
    assert producer.batches[-1] == (INBOX, partition_of("platform", 4), 1)
    assert all(each.done() for each in sent)
