"""What the scenarios on Kafka share: one embedded broker; topics are made anew for each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from deploy.topics import Topics
from streams.signature import Signer
from streams.topics import STAGES, TOPICS
from tables.world import KEY
from tests.chaos.ground import Ground

OPTIONS = {
    "TOCSIN_TICK": "0s",
    "TOCSIN_SYSTEM_KEYS": KEY.decode(),
    "TOCSIN_SESSION": "2s",
    "TOCSIN_WRITE_OUT_DETECT": "2s",
}


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A started Kafka without topics, which knows the World's key; one partition a stage."""
    made = Ground(tmp_path_factory.mktemp("scenarios"), partitions=1, options=OPTIONS)
    made.signer = Signer([KEY])
    made.broker.settings = {"group.min.session.timeout.ms": "1000"}
    made.broker.start()
    yield made
    made.broker.stop()


@pytest.fixture
def ground(broker: Ground) -> Iterator[Ground]:
    """The same Kafka with topics of its own for one scenario."""
    asyncio.run(Topics(broker.settings, broker.signer, scenario=True).create())
    yield broker
    asyncio.run(_clear(broker))


async def _clear(ground: Ground) -> None:
    """Delete all topics, and wait until their committed offsets are gone too."""
    admin = AIOKafkaAdminClient(bootstrap_servers=ground.broker.bootstrap)
    await admin.start()
    try:
        await admin.delete_topics([topic.name for topic in TOPICS])
        while await _left(admin):
            await asyncio.sleep(0.02)
    finally:
        await admin.close()


async def _left(admin: AIOKafkaAdminClient) -> bool:
    mine = {topic.name for topic in TOPICS}
    if mine & set(await admin.list_topics()):
        return True
    return any([await admin.list_consumer_group_offsets(stage) for stage in STAGES])
