"""Three brokers as one Kafka: the loss of one stops nobody, and it comes back with all that it missed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from deploy.embedded.brokers import Brokers
from streams.topics import TELEMETRY, TOPICS
from tests.chaos.ground import Ground
from tests.kafka.alerting import Alerting
from tests.kafka.in_sync import partitions, until_in_sync

pytestmark = pytest.mark.cluster


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    """Three brokers with all topics, a partition a stage."""
    made = Ground(tmp_path, partitions=1, brokers=3).start()
    yield made
    made.broker.kill()


async def test_an_alert_outlives_a_broker(ground: Ground) -> None:
    """Each topic lies on all three, and two must have a record; the one that leads is killed, and an alert comes."""
    assert isinstance(ground.broker, Brokers)
    found = await partitions(ground.broker.bootstrap)
    assert {topic.name for topic in TOPICS} <= {name for name, _ in found}
    assert {copies.replicas for copies in found.values()} == {frozenset({1, 2, 3})}
    assert await _in_sync_wanted(ground, TELEMETRY) == "2"
    async with Alerting(ground) as alerting:
        leader = (await partitions(ground.broker.bootstrap))[TELEMETRY, 0].leader
        ground.broker.each[leader].kill()
        await alerting.breach(["after"])
        await asyncio.to_thread(ground.broker.each[leader].start)
        await until_in_sync(ground.broker.bootstrap)
        back = await partitions(ground.broker.bootstrap)
        assert all(leader in copies.in_sync for copies in back.values())


async def _in_sync_wanted(ground: Ground, topic: str) -> str:
    admin = AIOKafkaAdminClient(bootstrap_servers=ground.broker.bootstrap)
    await admin.start()
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    await admin.close()
    entries = answer.resources[0][4]
    return next(str(entry[1]) for entry in entries if entry[0] == "min.insync.replicas")
