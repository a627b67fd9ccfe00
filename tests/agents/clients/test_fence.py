"""The fence on a real Kafka: who holds a partition's name writes, and who held it before does not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from aiokafka.errors import ProducerFenced

from agents.clients.fence import FencedProducer
from streams.connection import client
from streams.topics import changelog
from tests.chaos.ground import Ground

pytestmark = pytest.mark.cluster
TOPIC = changelog("detect")
FORGETFUL = {"producer.id.expiration.ms": "1000", "producer.id.expiration.check.interval.ms": "300"}


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A Kafka that forgets an idle producer after a second."""
    made = Ground(tmp_path_factory.mktemp("fence"), partitions=1)
    made.broker.settings = FORGETFUL
    made.start()
    yield made
    made.broker.stop()


async def holder(ground: Ground) -> FencedProducer:
    """Take the name of partition 0, and fence it."""
    producer = await FencedProducer.start(client(ground.settings), TOPIC, 0)
    await producer.fence("test", 1)
    return producer


async def test_older_holder(ground: Ground) -> None:
    """From the fence on, an older holder is refused, and nothing of it is in the log."""
    old = await holder(ground)
    new = await holder(ground)
    with pytest.raises(ProducerFenced):
        await old.write([("4/stale", b"row")])
    await new.write([("4/fresh", b"row")])
    keys = [record.key for record in (await ground.dump(TOPIC))[0]]
    assert b"4/fresh" in keys
    assert b"4/stale" not in keys
    await old.stop()
    await new.stop()


async def test_forgotten(ground: Ground) -> None:
    """A holder that was idle until Kafka forgot its id goes on writing, and can still be fenced."""
    idle = await holder(ground)
    await asyncio.sleep(2.5)
    await idle.write([("4/later", b"row")])
    new = await holder(ground)
    with pytest.raises(ProducerFenced):
        await idle.write([("4/stale", b"row")])
    await idle.stop()
    await new.stop()
