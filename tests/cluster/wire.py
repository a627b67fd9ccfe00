"""The driver's own connection to Kafka, synchronous as the World is: puts records at instants, reads all topics."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, NamedTuple, TypeVar

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from streams.topics import CHANGES, CHANNELS, CONFIG, DEAD_LETTER, STAGES, send
from tests.chaos.verdict import Ledger

READ = (
    *STAGES.values(),
    *(CHANGES, CONFIG, DEAD_LETTER),
    *(send(channel, critical) for channel in CHANNELS for critical in (False, True)),
)
WAIT = 100  # ms that one look waits for something to come
T = TypeVar("T")


class Come(NamedTuple):
    """One record as it was read. `id`: the message's or the letter's; `stamp`: ms UTC; `reason`: of a dead letter."""

    topic: str
    key: str
    id: str
    stamp: int
    raw: bytes
    reason: str


class Wire:
    """Topics have one partition each. `ledger`: every record that was put and acknowledged, under its place."""

    def __init__(self, bootstrap: str) -> None:
        """Connects, and reads from the beginning of all topics."""
        self._loop = asyncio.new_event_loop()
        self.ledger: Ledger = {}
        self._run(self._start(bootstrap))

    async def _start(self, bootstrap: str) -> None:
        self._producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        await self._producer.start()
        await self._consumer.start()
        self._consumer.assign([TopicPartition(topic, 0) for topic in READ])

    def put(self, stamp: int, *records: tuple[str, str, bytes]) -> list[int]:
        """Put (topic, key, bytes), all at one instant, ms UTC; their offsets, once they are acknowledged."""
        return self._run(self._put(stamp, records))

    async def _put(self, stamp: int, records: tuple[tuple[str, str, bytes], ...]) -> list[int]:
        sent = [
            await self._producer.send(topic, raw, key=key.encode() or None, timestamp_ms=stamp)
            for topic, key, raw in records
        ]
        done = await asyncio.gather(*sent)
        self.ledger.update(
            {
                (one.topic, one.partition, one.offset): raw
                for one, (_, _, raw) in zip(done, records, strict=True)
            }
        )
        return [one.offset for one in done]

    def read(self) -> list[Come]:
        """What has come since the last look, in the order of each topic; waits a moment where nothing has."""
        found = self._run(self._consumer.getmany(timeout_ms=WAIT))
        return [_come(record) for records in found.values() for record in records]

    def close(self) -> None:
        """Disconnect."""
        self._run(self._producer.stop())
        self._run(self._consumer.stop())
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)


def _come(record: Any) -> Come:
    headers = dict(record.headers)
    reason = b": ".join((headers["fault"], headers["reason"])) if record.topic == DEAD_LETTER else b""
    id = headers["id"].decode() if record.topic == DEAD_LETTER else _id(record.value)
    return Come(
        record.topic, (record.key or b"").decode(), id, record.timestamp, record.value, reason.decode()
    )


def _id(raw: bytes) -> str:
    try:
        message = orjson.loads(raw)
    except ValueError:
        return ""
    return str(message.get("id", "")) if isinstance(message, dict) else ""
