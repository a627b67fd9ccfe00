"""The topic tool on a real Kafka: it makes what is missing, changes nothing, and refuses what is different."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from agents.clients.manifest import read
from agents.worker.rebase import rebase
from deploy.kafka.redrive import redrive
from deploy.kafka.topics import Topics
from streams.connection import client
from streams.errors import Forged, Misconfigured
from streams.messages.dead_letter import Origin, letter
from streams.signature import Signer
from streams.topics import DEAD_LETTER, TELEMETRY, TOPICS
from tests.chaos.ground import Ground

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A Kafka on which the tool has run once."""
    made = Ground(tmp_path_factory.mktemp("topics"), partitions=3).start()
    yield made
    made.broker.stop()


async def test_manifest(ground: Ground) -> None:
    """Every topic is in the manifest, with its partitions and whose clock its records carry."""
    found = await read(client(ground.settings), ground.signer)
    assert found.keys() == {topic.name for topic in TOPICS}
    assert (found[TELEMETRY].partitions, found[TELEMETRY].broker_time) == (3, True)
    assert found[DEAD_LETTER].partitions == 1


async def test_again(ground: Ground) -> None:
    """Running it again makes nothing and leaves every incarnation as it is."""
    before = await read(client(ground.settings), ground.signer)
    assert await Topics(ground.settings, ground.signer).create() == []
    assert await read(client(ground.settings), ground.signer) == before


async def test_other_number_of_partitions(ground: Ground) -> None:
    """Another number of partitions is refused with the number that is there."""
    with pytest.raises(Misconfigured, match="has 3 partitions, and 5 are wanted"):
        await Topics(replace(ground.settings, partitions=5), ground.signer).create()


async def test_other_clock(ground: Ground) -> None:
    """A scenario is not run on topics whose records carry the broker's clock."""
    with pytest.raises(Misconfigured, match=r"message.timestamp.type=LogAppendTime"):
        await Topics(ground.settings, ground.signer, scenario=True).create()


async def test_missing_topic(ground: Ground) -> None:
    """A topic that is gone is made anew, as another incarnation; one that others have made gets one."""
    before = await read(client(ground.settings), ground.signer)
    admin = AIOKafkaAdminClient(bootstrap_servers=ground.broker.bootstrap)
    await admin.start()
    await admin.delete_topics(["cursors"])
    await admin.close()
    assert await Topics(ground.settings, ground.signer).create() == ["cursors"]
    after = await read(client(ground.settings), ground.signer)
    assert {name for name in after if after[name] != before[name]} == {"cursors"}


async def test_foreign_topic(ground: Ground) -> None:
    """A topic of another name is nobody's business."""
    admin = AIOKafkaAdminClient(bootstrap_servers=ground.broker.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic("somebody-elses", 1, 1)])
    await admin.close()
    assert await Topics(ground.settings, ground.signer).create() == []


async def test_forged_manifest(ground: Ground) -> None:
    """A manifest that other keys have signed is not believed."""
    with pytest.raises(Forged):
        await read(client(ground.settings), Signer([b"x" * 32]))


async def test_rebase_of_an_idle_stage(ground: Ground) -> None:
    """All partitions of a stage without workers are rebased, to their logs' first offset."""
    lines = await rebase("deliver", ground.settings, ground.signer)
    assert [line.split(",")[0] for line in lines] == [f"notify-{p}: goes on at offset 0" for p in range(3)]


async def test_redrive(ground: Ground) -> None:
    """Letters go back to their topics with their own keys, an input once; what was kept as a hash only does not."""
    producer = ground.producer()
    await producer.start()
    for offset, value in ((0, b"small"), (0, b"small"), (1, b"x" * 300_000)):
        dead = letter(Origin(TELEMETRY, 0, offset, b"gw7", value), "i", "sender", "no")
        await producer.send_and_wait(DEAD_LETTER, dead.value, key=dead.key, headers=dead.headers)
    await producer.stop()
    first = await redrive(ground.settings)
    assert ["not sent" in line for line in first] == [False, True, True]
    assert await redrive(ground.settings) == []
    sent = [record for records in (await ground.dump(TELEMETRY)).values() for record in records]
    assert [(record.key, record.value) for record in sent] == [(b"gw7", b"small")]
