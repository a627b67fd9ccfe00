"""The dead-letter topic as the API reads it: a stretch of it at a time, bounded in records and in seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from api.commands.producer import ConfirmedProducer
from api.dead_letters.view import LetterRecord
from streams.errors import Unavailable
from streams.topics import DEAD_LETTER

PLACE = TopicPartition(DEAD_LETTER, 0)
PATIENCE = 5.0  # seconds of one look
ONCE = 1 << 20  # bytes that are fetched at once; a letter has a quarter of it at most
AWAY = "the broker does not answer: dead letters cannot be read; try again shortly"


class LetterSpan(NamedTuple):
    """Some letters in the order of the topic, and the offsets between which it holds any."""

    records: list[LetterRecord]
    begin: int
    end: int


class DeadLetters(Protocol):
    """What knows the dead letters."""

    sent: set[int]  # the offsets of those that this process has sent back

    async def before(self, offset: int | None, count: int) -> LetterSpan:
        """The last letters before an offset, before the end where None; Unavailable where nobody answers."""
        ...

    async def send_back(self, record: LetterRecord) -> None:
        """Put the input to where it came from; when it returns, it is kept for good."""
        ...


class KafkaDeadLetters:
    """The real one: a reader without a group, which disturbs nobody; one look at a time."""

    def __init__(self, client: Mapping[str, Any], producer: ConfirmedProducer) -> None:
        """`client`: how to connect; `producer`: by which letters are sent back."""
        self._client, self._producer = client, producer
        self._looking, self.sent = asyncio.Lock(), set[int]()

    async def before(self, offset: int | None, count: int) -> LetterSpan:
        """Read them, in five seconds at most."""
        try:
            async with asyncio.timeout(PATIENCE), self._looking:
                return await self._read(offset, count)
        except (TimeoutError, KafkaError, OSError) as why:
            raise Unavailable(f"{AWAY} ({type(why).__name__})") from None

    async def _read(self, offset: int | None, count: int) -> LetterSpan:
        consumer = AIOKafkaConsumer(
            **self._client, enable_auto_commit=False, max_partition_fetch_bytes=ONCE, fetch_max_bytes=ONCE
        )
        try:
            await consumer.start()
            consumer.assign([PLACE])
            begin = (await consumer.beginning_offsets([PLACE]))[PLACE]
            end = (await consumer.end_offsets([PLACE]))[PLACE]
            last = end if offset is None else max(begin, min(end, offset))
            consumer.seek(PLACE, max(begin, last - count))
            records: list[LetterRecord] = []
            while await consumer.position(PLACE) < last:
                batch = (await consumer.getmany(timeout_ms=500)).get(PLACE, [])
                records += [_record(raw) for raw in batch if raw.offset < last]
            return LetterSpan(records, begin, end)
        finally:
            with suppress(KafkaError, OSError):
                await consumer.stop()

    async def send_back(self, record: LetterRecord) -> None:
        """With the key it came with, else to its partition; in three seconds at most."""
        key = record.headers.get("key")
        place = None if key is not None else int(record.header("partition"))
        id = f"{DEAD_LETTER}/{record.offset}"
        self.sent.add(record.offset)  # first, so that a second click finds it
        try:
            await self._producer.hand_over(record.header("topic"), record.value, id, key=key, partition=place)
        except Unavailable:
            self.sent.discard(record.offset)
            raise


class NoDeadLetters:
    """What stands there where the process has no broker."""

    def __init__(self) -> None:
        """Nothing was sent."""
        self.sent = set[int]()

    async def before(self, offset: int | None, count: int) -> LetterSpan:
        """Unavailable: nobody can be asked."""
        raise Unavailable(f"{AWAY} (before {offset}, {count})")

    async def send_back(self, record: LetterRecord) -> None:
        """Unavailable: nobody takes it."""
        raise Unavailable(f"{AWAY} ({record.offset})")


def _record(raw: Any) -> LetterRecord:
    headers = {name: value or b"" for name, value in raw.headers}
    return LetterRecord(raw.offset, raw.timestamp, headers, raw.value or b"")
