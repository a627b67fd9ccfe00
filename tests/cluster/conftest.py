"""What the scenarios on Kafka share: one embedded broker; topics are made anew for each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from deploy.kafka.topics import Topics
from streams.signature import Signer
from streams.topics import STAGES, TOPICS
from tables.world import KEY
from tests.chaos.ground import Ground

OPTIONS = {
    "TOCSIN_TICK": "0s",
    "TOCSIN_SYSTEM_KEYS": KEY.decode(),
    "TOCSIN_SESSION": "2s",
    "TOCSIN_WRITE_OUT_DETECT": "60s",  # so that a kill leaves much to replay
}


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A started Kafka without topics, which knows the World's key; one partition a stage."""
    with grounded(tmp_path_factory.mktemp("scenarios")) as made:
        yield made


@contextmanager
def grounded(folder: Path) -> Iterator[Ground]:
    """The same for the length of a block."""
    made = Ground(folder, partitions=1, options=OPTIONS)
    made.signer = Signer([KEY])
    made.broker.settings = {"group.min.session.timeout.ms": "1000"}
    made.broker.start()
    try:
        yield made
    finally:
        made.broker.stop()


@pytest.fixture
def ground(broker: Ground) -> Iterator[Ground]:
    """The same Kafka with topics of its own for one scenario."""
    asyncio.run(make(broker))
    yield broker
    asyncio.run(clear(broker))


async def make(ground: Ground) -> None:
    """Make all topics. A worker that was killed is a member until its session ends: till then nothing is committed."""
    topics = Topics(ground.settings, ground.signer, scenario=True)
    async with administrator(ground) as admin:
        await topics.create()
        while not all(await committed(admin)):
            await topics.create()


async def clear(ground: Ground) -> None:
    """Delete all topics, and wait until what was committed is gone too."""
    async with administrator(ground) as admin:
        mine = {topic.name for topic in TOPICS}
        await admin.delete_topics(list(mine))
        while mine & set(await admin.list_topics()) or any(await committed(admin)):  # noqa: ASYNC110 - Kafka does not tell
            await asyncio.sleep(0.02)


async def committed(admin: AIOKafkaAdminClient) -> list[bool]:
    """For each stage, whether its group has committed anything."""
    return [bool(await admin.list_consumer_group_offsets(stage)) for stage in STAGES]


@asynccontextmanager
async def administrator(ground: Ground) -> AsyncIterator[AIOKafkaAdminClient]:
    """A connected client for a block."""
    admin = AIOKafkaAdminClient(bootstrap_servers=ground.broker.bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()
