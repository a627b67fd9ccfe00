"""Canaries on a real Kafka: they fly where its partitions are, and a word goes without it where it stands still."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator

import httpx
import orjson
import pytest

from agents.clients.topic_growth import give_partitions
from sinks.canary.flock import StagePartitions, names
from streams.connection import client
from streams.topics import INBOX, TELEMETRY
from tests.chaos.ground import Ground
from tests.chaos.process import Process
from tests.chaos.receiver import Receiver
from tests.kafka.choice import embedded

pytestmark = pytest.mark.cluster
GROWN = StagePartitions(detect=2, respond=6, deliver=2)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A started Kafka; canaries fly as often as they may, and are missed as early as they may be."""
    made = Ground(tmp_path_factory.mktemp("canaries"), partitions=2)
    made.options = {
        "TOCSIN_CANARY": "10s", "TOCSIN_CANARY_LATE": "20s", "TOCSIN_ALLOW_PRIVATE_WEBHOOKS": "true",
        "TOCSIN_CANARY_LISTEN": f"127.0.0.1:{made.port('canary')}",
        "TOCSIN_CANARY_WEBHOOK_URL": f"http://127.0.0.1:{made.port('people')}/",
    }  # fmt: skip
    made.start()
    yield made
    made.broker.stop()


@pytest.fixture
def people(ground: Ground) -> Iterator[Receiver]:
    """Who hears words that go without Kafka."""
    receiver = Receiver(ground.port("people"), seed=1)
    receiver.moody = False
    yield receiver
    receiver.close()


@pytest.fixture
def watch(ground: Ground) -> Iterator[Process]:
    """The process that lets canaries fly."""
    process = Process("canary-a", ground.folder / "log", ground.environment, "sinks", "canary")
    yield process
    process.end()


def canaries(ground: Ground) -> httpx.Client:
    """Asks the process how things stand, and brings it canaries."""
    return httpx.Client(base_url=f"http://127.0.0.1:{ground.port('canary')}", trust_env=False)


def until(holds: Callable[[], bool]) -> None:
    """Wait for a condition; the time-out is for a hang."""
    end = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.2)


async def flown(ground: Ground) -> list[str]:
    """The ids of all that have left so far."""
    records = [record for some in (await ground.dump(TELEMETRY)).values() for record in some]
    return [orjson.loads(record.value or b"")["id"] for record in records]


def brought(ground: Ground) -> bool:
    """Bring all that have left to where they are received; whether one of each has been there."""
    with canaries(ground) as there:
        for id in asyncio.run(flown(ground)):
            there.post("/", content=orjson.dumps({"canary": id, "what": "firing"}))
        return bool(there.get("/").json()["proven"])


def test_a_kafka_that_stands_still_is_told_without_it(
    ground: Ground, people: Receiver, watch: Process
) -> None:
    """Its connections are open and it answers nothing; the canaries of a stage that has grown fly everywhere."""
    broker = embedded(ground.broker)
    watch.until('"canaries fly"')
    asyncio.run(give_partitions(client(ground.settings), [INBOX], GROWN.respond))
    assert watch.end() == 0
    watch.start()
    watch.until('"canaries fly"')
    until(lambda: brought(ground))
    with canaries(ground) as there:
        assert set(there.get("/").json()["ages"]) == set(names(GROWN, "webhook"))
    assert not people.calls
    assert broker.pid
    os.kill(broker.pid, signal.SIGSTOP)
    try:
        until(lambda: bool(people.calls))
    finally:
        os.kill(broker.pid, signal.SIGCONT)
    word = orjson.loads(people.calls[0].body)
    assert "no canary has arrived" in word["title"]
    assert "it has taken nothing for" in word["title"]
    assert watch.exit_code is None
