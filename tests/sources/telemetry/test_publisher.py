"""The way to Kafka: in order, repeated until acknowledged, and bounded while the broker is away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module

import pytest
from aiokafka.codec import lz4_encode
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from structlog.testing import capture_logs

from sources.telemetry.backlog import KEPT, Backlog
from sources.telemetry.publisher import CHUNK, Publisher
from streams.messages.envelope import LARGEST
from streams.telemetry.compression import lighten
from tests.patience import PATIENCE

LONG = 3_600.0


@dataclass
class Broker:
    """What producers of a test write to; while `away`, nothing can be sent."""

    away: bool = False
    log: list[bytes] = field(default_factory=list)
    keys: set[bytes] = field(default_factory=set)

    async def start(self) -> None:
        if self.away:
            raise KafkaConnectionError("no broker")

    async def stop(self) -> None:
        """Nothing to close."""

    async def send(self, topic: str, value: bytes, key: bytes) -> Awaitable[None]:
        if self.away:
            raise KafkaConnectionError("no broker")
        done = asyncio.get_running_loop().create_future()
        if value == b"large":
            done.set_exception(MessageSizeTooLargeError())
            return done
        self.log.append(value)
        self.keys.add(key)
        done.set_result(None)
        return done


async def sent(publisher: Publisher) -> None:
    """Wait until all is acknowledged."""
    async with asyncio.timeout(PATIENCE):
        while publisher.waiting:  # noqa: ASYNC110  # what is tested shall not know of it
            await asyncio.sleep(0.01)


@pytest.fixture
async def broker() -> Broker:
    """A broker that is there."""
    return Broker()


async def test_messages_arrive_in_order_under_the_gateways_key(broker: Broker) -> None:
    """A gateway's telemetry is one ordered log."""
    publisher = Publisher(lambda: broker)
    running = asyncio.create_task(publisher.run())
    publisher.publish("prod", 0, [b"1", b"2"])
    publisher.publish("prod", 1, [b"3"])
    await sent(publisher)
    running.cancel()
    assert (broker.log, broker.keys) == ([b"1", b"2", b"3"], {b"prod"})


async def test_what_comes_quickly_goes_together(broker: Broker) -> None:
    """The first goes at once, and what comes soon after waits for the next request; a stop waits for nothing."""
    publisher = Publisher(lambda: broker, gather=LONG)
    running = asyncio.create_task(publisher.run())
    publisher.publish("prod", 0, [b"1"])
    await sent(publisher)
    publisher.publish("prod", 1, [b"2"])
    for _ in range(10):
        await asyncio.sleep(0)
    assert broker.log == [b"1"]
    running.cancel()
    await publisher.close(1.0)
    assert broker.log == [b"1", b"2"]


async def test_who_fell_behind_does_not_wait(broker: Broker) -> None:
    """While a whole chunk waits, nothing is gained by waiting for more."""
    publisher = Publisher(lambda: broker, gather=LONG)
    publisher.publish("prod", 0, [b"%d" % n for n in range(3 * CHUNK)])
    running = asyncio.create_task(publisher.run())
    await sent(publisher)
    running.cancel()
    assert len(broker.log) == 3 * CHUNK


async def test_a_broker_that_is_away_is_waited_for(broker: Broker) -> None:
    """One message says so, one that it is over, and nothing is lost between."""
    broker.away = True
    publisher = Publisher(lambda: broker)
    with capture_logs() as logs:
        running = asyncio.create_task(publisher.run())
        publisher.publish("prod", 0, [b"1"])
        await asyncio.sleep(0.7)
        broker.away = False
        await sent(publisher)
        running.cancel()
    assert [line["log_level"] for line in logs] == ["warning", "info"]
    assert "TOCSIN_KAFKA_BOOTSTRAP" in logs[0]["fix"]
    assert broker.log == [b"1"]


async def test_what_is_too_large_is_dropped_and_said_once(broker: Broker) -> None:
    """It is no broker that is away: what comes after it is not held up, whoever finds it too large."""
    publisher = Publisher(lambda: broker)
    with capture_logs() as logs:
        publisher.publish("prod", 0, [b"1", b"large", b"x" * (LARGEST + 1), b"2"])
        await publisher.flush()
        publisher.publish("prod", 1, [b"large"])
        await publisher.flush()
    assert (broker.log, publisher.waiting) == ([b"1", b"2"], 0)
    assert [line["event"] for line in logs] == ["a message is too large and was dropped"]


async def test_five_minutes_are_kept_and_the_loss_is_said_once(broker: Broker) -> None:
    """Older frames would only be judged late; the newest matter."""
    publisher = Publisher(lambda: broker)
    with capture_logs() as logs:
        for minute in range(8):
            publisher.publish("prod", minute * 60_000, [str(minute).encode()])
    assert publisher.waiting == KEPT // 60_000 + 1
    assert [line["event"] for line in logs] == [
        "Kafka has been away for too long: the oldest telemetry is dropped"
    ]


async def test_what_was_given_up_is_counted_from_the_start(broker: Broker) -> None:
    """Prometheus reads it as a counter, which never falls; the log says of each outage how many were its own."""
    publisher = Publisher(lambda: broker)
    with capture_logs() as logs:
        for outage in (0, 10 * KEPT):
            broker.away = True
            running = asyncio.create_task(publisher.run())
            publisher.publish("prod", outage, [b"old", b"old"])
            await asyncio.sleep(0.1)
            publisher.publish("prod", outage + KEPT + 1, [b"new"])
            broker.away = False
            await sent(publisher)
            running.cancel()
    assert publisher.dropped == 4
    assert [line["dropped"] for line in logs if line["event"] == "Kafka is back"] == [2, 2]
    assert [line["log_level"] for line in logs] == ["warning", "error", "info"] * 2


async def test_what_waits_is_sent_at_the_end(broker: Broker) -> None:
    """A stop loses nothing that the broker could still take."""
    publisher = Publisher(lambda: broker)
    publisher.publish("prod", 0, [b"1"])
    await publisher.close(1.0)
    assert broker.log == [b"1"]


async def test_whether_all_has_arrived_is_told(broker: Broker) -> None:
    """Whoever asks waits for what was published before; what was given up meanwhile has not arrived."""
    broker.away = True
    publisher = Publisher(lambda: broker)
    publisher.publish("prod", 0, [b"1"])
    asked = asyncio.create_task(publisher.settled())
    await asyncio.sleep(0)
    assert not asked.done()
    publisher.publish("prod", KEPT + 1, [b"2"])
    assert not await asked
    broker.away = False
    running = asyncio.create_task(publisher.run())
    assert await publisher.settled()
    assert broker.log == [b"2"]
    running.cancel()


async def test_the_end_is_not_delayed_by_a_broker_that_is_away(broker: Broker) -> None:
    """SIGTERM means now."""
    broker.away = True
    publisher = Publisher(lambda: broker)
    publisher.publish("prod", 0, [b"1"])
    async with asyncio.timeout(1):
        with suppress(KafkaConnectionError):
            await publisher.close(0.2)


def test_a_message_dropped_on_its_way_is_not_taken_for_another() -> None:
    """`done` may be told of messages that were dropped meanwhile; it must not remove younger ones."""
    backlog = Backlog()
    backlog.add("prod", 0, [b"old"])
    under_way = backlog.first(10)
    backlog.add("prod", KEPT + 1, [b"new"])
    backlog.done(under_way)
    assert [one.body for one in backlog.first(10)] == [b"new"]
    assert backlog.dropped == 1


def test_batches_are_compressed_at_the_fast_level() -> None:
    """Level 9 is aiokafka's only choice, ten times dearer; what we set must really be used."""
    payload = b"".join(str(k * k).encode() for k in range(20_000))

    def size() -> int:
        builder = DefaultRecordBatchBuilder(
            magic=2, compression_type=3, is_transactional=0, producer_id=1, producer_epoch=0, base_sequence=0,
            batch_size=1 << 20,
        )  # fmt: skip
        builder.append(0, 0, b"key", payload, [])
        return len(builder.build())

    lighten(import_module)
    assert len(lz4_encode(payload)) < 0.95 * size() < len(payload)
