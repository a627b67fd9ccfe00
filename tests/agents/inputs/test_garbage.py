"""Garbage on every topic that anything of ours reads, on a real Kafka: nobody stops, and each piece is found again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet

from agents.clients.manifest import read
from deploy.kafka.redrive import redrive
from deploy.kafka.topics import Topics
from streams.connection import client
from streams.signature import Signer
from streams.topics import CHANGES, CHANNELS, CONFIG, DEAD_LETTER, INBOX, MANIFEST, STAGES, send
from tests.agents.harness import eventually
from tests.chaos.ground import Ground
from tests.chaos.process import Process

pytestmark = pytest.mark.cluster
SENDS = [send(channel, critical) for channel in CHANNELS for critical in (False, True)]
READ = [*STAGES.values(), CONFIG, CHANGES, MANIFEST, *SENDS]
GARBAGE, STRANGER = b"\xff{", Signer([b"a stranger's key"])


@pytest.fixture
def product(ground: Ground) -> Iterator[list[Process]]:
    """The machines, the sinks and the history as processes."""
    words = [("agents", stage) for stage in STAGES] + [("sinks", name) for name in ("all", "history")]
    environment = ground.environment | {"TOCSIN_SEAL_KEYS": Fernet.generate_key().decode()}
    made = [Process(f"{word[1]}-a", ground.folder / "log", environment, *word) for word in words]
    yield made
    for process in made:
        process.end()


async def litter(ground: Ground) -> None:
    """Put bytes that are no JSON, an unknown kind, a stranger's and a copied message on every topic."""
    producer = ground.producer()
    await producer.start()
    for topic in (*READ, DEAD_LETTER):
        strange = ground.signer.sign(b'{"kind":"what"}', topic)
        newer = STRANGER.sign(b'{"kind":"config","schema":99}', topic)
        copied = ground.signer.sign(b'{"kind":"tick","id":"","at":0,"processed":0}', "another topic")
        for number, raw in enumerate((GARBAGE, strange, newer, copied)):
            await producer.send_and_wait(topic, raw, key=f"garbage/{number}".encode())
    await producer.send_and_wait(MANIFEST, GARBAGE, key=CONFIG.encode())
    await producer.stop()


async def complete(ground: Ground) -> bool:
    """Whether all pieces of every topic lie in the dead-letter topic, each with its reason."""
    found: dict[str, set[bytes]] = {topic: set() for topic in READ}
    for record in (await ground.dump(DEAD_LETTER))[0]:
        if record.headers:
            assert {"reason", "fault", "partition", "offset"} <= record.headers.keys()
            found[record.headers["topic"].decode()].add(record.value or b"")
    return {len(some) for some in found.values()} == {4}


async def alerted(ground: Ground) -> bool:
    """Whether the inbox has an alert for each topic that is no machine's input."""
    values = [one.value or b"" for some in (await ground.dump(INBOX)).values() for one in some]
    told = {topic for topic in READ if any(f"a record of {topic} could".encode() in one for one in values)}
    return told == {CONFIG, CHANGES, MANIFEST, *SENDS}


async def test_garbage(ground: Ground, product: list[Process]) -> None:
    """Each piece is in the dead letters with its reason; every process goes on, and the alerts name the topics."""
    for process in product:
        process.until('"owned"' if process.kind in STAGES else '"started"')
    before = await read(client(ground.settings), ground.signer)
    await litter(ground)
    for _ in range(2):  # the second time it finds nothing to bury
        assert await Topics(ground.settings, ground.signer).create() == []
    assert await read(client(ground.settings), ground.signer) == before
    await eventually(lambda: complete(ground))
    buried = [one.headers.get("topic") for one in (await ground.dump(DEAD_LETTER))[0]]
    assert buried.count(MANIFEST.encode()) == 5
    await eventually(lambda: alerted(ground))
    assert [process.name for process in product if process.exit_code is not None] == []
    assert sum("no letter of ours" in line for line in await redrive(ground.settings)) == 4
