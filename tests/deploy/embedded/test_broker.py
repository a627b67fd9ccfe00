"""The embedded broker, for real: records survive its stop and its crash, and it says what is wrong in one sentence."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from deploy.certificate import Authority
from deploy.embedded.broker import Broker
from deploy.embedded.java import Profile
from deploy.embedded.properties import Security
from deploy.embedded.runtime import Runtime
from streams.errors import Misconfigured

pytestmark = pytest.mark.cluster
TOPIC = "changes"


@pytest.fixture
def broker(tmp_path: Path, runtime: Runtime) -> Iterator[Broker]:
    """A broker on a directory of its own."""
    with Broker(tmp_path / "data", runtime, profile=Profile.TEST) as running:
        yield running


async def create(broker: Broker) -> None:
    """Make the topic, as our topic tool does; the broker itself makes none."""
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(TOPIC, num_partitions=1, replication_factor=1)])
    await admin.close()


async def send(address: str, *values: bytes, **client: object) -> None:
    """Send records, each acknowledged."""
    producer = AIOKafkaProducer(bootstrap_servers=address, enable_idempotence=True, **client)
    try:
        await producer.start()
        for value in values:
            await producer.send_and_wait(TOPIC, value)
    finally:
        await producer.stop()


async def read(address: str, count: int, **client: object) -> list[bytes]:
    """The first records of the topic."""
    async with AIOKafkaConsumer(
        bootstrap_servers=address, auto_offset_reset="earliest", **client
    ) as consumer:
        consumer.assign([TopicPartition(TOPIC, 0)])
        return [(await consumer.getone()).value for _ in range(count)]


async def test_records_survive_a_stop(broker: Broker) -> None:
    """A clean stop and a start on the same directory and the same port."""
    await create(broker)
    await send(broker.bootstrap, b"before")
    before = broker.bootstrap
    broker.stop()
    broker.start()
    assert broker.bootstrap == before
    await send(broker.bootstrap, b"after")
    assert await read(broker.bootstrap, 2) == [b"before", b"after"]


async def test_acknowledged_records_survive_a_crash(broker: Broker) -> None:
    """`kill -9` right after the acknowledgement loses nothing."""
    await create(broker)
    await send(broker.bootstrap, *(b"%d" % number for number in range(100)))
    broker.kill()
    broker.start()
    assert await read(broker.bootstrap, 100) == [b"%d" % number for number in range(100)]


def test_a_second_broker_on_a_directory_is_refused(broker: Broker, runtime: Runtime) -> None:
    """The first one goes on; the message names the lock and who holds it."""
    with pytest.raises(Misconfigured, match=r"broker\.lock is held by process"):
        Broker(broker.data, runtime, profile=Profile.TEST).start()
    assert broker.pid


def test_a_port_in_use_is_named(tmp_path: Path, runtime: Runtime) -> None:
    """A port that was asked for is never replaced by another."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Misconfigured, match=f"port {port} .* in use"):
            Broker(tmp_path, runtime, port=port).start()
    with Broker(tmp_path, runtime, profile=Profile.TEST):  # the failed start holds no lock
        pass


@pytest.mark.parametrize("profile", Profile)
def test_one_aot_cache_serves_all_profiles(tmp_path: Path, runtime: Runtime, profile: Profile) -> None:
    """A Java that must not start without the cache starts."""
    if why := runtime.slow_because(profile):
        pytest.skip(why)
    flags = (f"-XX:AOTCache={runtime.aot_cache(profile)}", "-XX:AOTMode=on")
    with Broker(tmp_path, runtime, profile=profile, flags=flags) as broker:
        assert broker.pid


def test_a_broker_that_cannot_start_says_why(tmp_path: Path, runtime: Runtime) -> None:
    """The reason is the last sentence of its own log."""
    broker = Broker(tmp_path, runtime, profile=Profile.TEST, settings={"num.partitions": "many"})
    with pytest.raises(Misconfigured, match=r"num\.partitions"):
        broker.start()
    assert broker.pid is None


def test_it_listens_on_this_machine_only(broker: Broker) -> None:
    """The address in its configuration is the loopback's, for clients and controller."""
    text = (broker.data / "broker.properties").read_text()
    listeners = next(line for line in text.splitlines() if line.startswith("listeners="))
    assert all("127.0.0.1" in each for each in listeners.split(","))


async def test_tls_and_sasl_are_spoken_for_real(tmp_path: Path, runtime: Runtime) -> None:
    """Records go through an encrypted listener with name and password; a wrong password is turned away."""
    now = datetime.now(UTC)
    authority = Authority.create("tests", now)
    certificate = authority.issue(tmp_path / "broker.pem", now)
    trusted = ssl.create_default_context(cafile=str(authority.write(tmp_path / "ca.pem")))
    security = Security(certificate, {"tocsin": 'quo"te\\'})
    login = {"security_protocol": "SASL_SSL", "ssl_context": trusted, "sasl_mechanism": "PLAIN"}
    right = {**login, "sasl_plain_username": "tocsin", "sasl_plain_password": 'quo"te\\'}
    with Broker(tmp_path / "data", runtime, profile=Profile.TEST, security=security) as broker:
        await create(broker)
        await send(broker.secure_bootstrap, b"sealed", **right)
        assert await read(broker.secure_bootstrap, 1, **right) == [b"sealed"]
        with pytest.raises(KafkaError):
            await send(broker.secure_bootstrap, b"no", **{**right, "sasl_plain_password": "wrong"})
