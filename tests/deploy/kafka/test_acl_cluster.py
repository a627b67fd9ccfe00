"""The printed permissions on a real Kafka with TLS, names and ACLs: all works with them, and nothing else does."""

from __future__ import annotations

import asyncio
import gc
import re
import time
from collections.abc import Iterator

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.conn import create_conn
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError

from api.cli.talk import Talk
from api.cli.verbs.token import OPERATOR, issued
from deploy.embedded.runtime import Runtime
from deploy.kafka.acl import ROLES
from deploy.kafka.topics import Topics
from streams.connection import client
from streams.settings import Settings
from streams.telemetry import samples
from streams.text.hindrance import hindrance
from streams.topics import TELEMETRY, TOPICS
from tests.chaos.process import Process
from tests.chaos.receiver import Receiver
from tests.deploy.guarded import Guarded

pytestmark = pytest.mark.cluster
NAMES = [topic.name for topic in TOPICS]
PROCESSES = {
    "detect": ("agents", "detect"),
    "respond": ("agents", "respond"),
    "deliver": ("agents", "deliver"),
    "sink-webhook": ("sinks", "webhook"),
    "history": ("sinks", "history"),
    "bridge": ("sources", "bridge"),
    "api": ("api", "serve"),
}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, runtime: Runtime) -> Iterator[Guarded]:
    """Permissions granted, topics made by the user who may."""
    one = Guarded(tmp_path_factory.mktemp("guarded"))
    one.broker.runtime = runtime
    with one.broker:
        asyncio.run(one.permit())
        asyncio.run(Topics(one.settings("topics"), one.ground.signer).create())
        yield one


async def written(settings: Settings) -> set[str]:
    """The topics that take a record of this user: one that deletes a row which there is not, and so does no harm."""
    done = set[str]()
    async with AIOKafkaProducer(**client(settings)) as producer:
        for name in NAMES:
            try:
                await producer.send_and_wait(name, None, key=b"nothing", partition=0)
                done.add(name)
            except TopicAuthorizationFailedError:
                pass
    return done


async def read(settings: Settings, seconds: float = 3.0) -> set[str]:
    """The topics that give this user a record; each holds one."""
    found, left = set[str](), set(NAMES)
    async with AIOKafkaConsumer(**client(settings), group_id=None) as consumer:
        until = time.monotonic() + seconds
        while time.monotonic() < until and left:
            consumer.assign([TopicPartition(name, 0) for name in sorted(left)])
            for name in left:
                consumer.seek(TopicPartition(name, 0), 0)
            try:
                for where in await consumer.getmany(timeout_ms=500):
                    found.add(where.topic)
            except TopicAuthorizationFailedError as why:
                left -= {str(why.args[0])}
            left -= found
    return found


async def test_nobody_may_do_more_than_the_commands_say(guarded: Guarded) -> None:
    """Each user writes and reads the topics of its role, and no other: tried with records, topic by topic."""
    assert await written(guarded.ground.settings) == set(NAMES)
    settings = {role: guarded.settings(role) for role in ROLES}
    wrote = await asyncio.gather(*(written(one) for one in settings.values()))
    got = await asyncio.gather(*(read(one) for one in settings.values()))
    assert dict(zip(settings, wrote, strict=True)) == {name: set(role.writes) for name, role in ROLES.items()}
    assert dict(zip(settings, got, strict=True)) == {name: set(role.reads) for name, role in ROLES.items()}


async def test_all_works_with_what_the_commands_say(guarded: Guarded) -> None:
    """From a sample of an outside producer to a webhook, every process under its own name."""
    receiver = Receiver(guarded.ground.port("receiver"), 0)
    receiver.moody = False
    port = {"TOCSIN_PORT": str(guarded.ground.port("api"))}
    log = guarded.ground.folder / "log"
    running = [
        Process(f"{role}-a", log, guarded.environment(role) | port, *words)
        for role, words in PROCESSES.items()
    ]
    try:
        running[-1].until("Uvicorn running")
        await asyncio.to_thread(configure, guarded.settings("api"), port["TOCSIN_PORT"], receiver)
        async with AIOKafkaProducer(**client(guarded.settings("producer"))) as producer:
            until = time.monotonic() + 60
            while not heard(receiver) and time.monotonic() < until:
                for raw in samples.frame("gw", "test", time.time_ns() // 1_000_000, ["cpu"], [9.0]):
                    await producer.send_and_wait(TELEMETRY, raw, key=b"gw")
                await asyncio.sleep(1.0)
        assert heard(receiver)
        assert [one.exit_code for one in running] == [None] * len(running)
    finally:
        assert {one.name: one.end() for one in running}
        receiver.close()


def heard(receiver: Receiver) -> bool:
    """Whether the rule's alert has arrived."""
    return any(orjson.loads(call.body)["title"].startswith("high") for call in receiver.calls)


def configure(settings: Settings, port: str, receiver: Receiver) -> None:
    """Put an endpoint, a rule and a route through the API."""
    talk = Talk(f"http://127.0.0.1:{port}", issued(settings, OPERATOR, 3_600), "the token")
    talk.await_ready()
    hook = {"name": "hook", "url": f"http://127.0.0.1:{receiver.server_port}/", "allow_private": True}
    rule = {"name": "high", "last": "cpu", "above": 5, "for": "2s", "severity": "critical"}
    for path, body in (
        ("endpoints", hook),
        ("rules", rule),
        ("routes", {"name": "all", "to": "endpoint/hook"}),
    ):
        talk.settle("POST", f"/v1/{path}", json={"team": "platform"} | body)
    talk.close()


@pytest.fixture
def leftovers() -> Iterator[None]:
    """Sockets that aiokafka leaves to the loop are found here, and not in whatever test comes next."""
    yield
    gc.collect()


@pytest.mark.usefixtures("leftovers")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"TOCSIN_KAFKA_PASSWORD": "guessed"}, "Authentication failed.*TOCSIN_KAFKA_PASSWORD"),
        ({"TOCSIN_KAFKA_CA": ""}, "certificate verify failed.*TOCSIN_KAFKA_CA"),
        ({"TOCSIN_KAFKA_SECURITY": "PLAINTEXT"}, "closed.*TOCSIN_KAFKA_SECURITY"),
        ({"TOCSIN_KAFKA_SECURITY": "SSL"}, "no request.*TOCSIN_KAFKA_SECURITY"),
        ({"TOCSIN_KAFKA_SASL_MECHANISM": "SCRAM-SHA-256"}, "TOCSIN_KAFKA_SASL_MECHANISM"),
    ],
)
async def test_what_is_wrong_is_said(guarded: Guarded, wrong: dict[str, str], words: str) -> None:
    """A process that Kafka turns away says which setting to correct, and no secret."""
    connection = client(Settings.read(guarded.environment("api") | wrong))
    consumer = AIOKafkaConsumer(**connection)
    with pytest.raises(KafkaError) as caught:
        await consumer.start()
    await consumer.stop()
    said = str(await hindrance(connection, create_conn, caught.value))
    assert re.search(words, said)
    assert "guessed" not in said
