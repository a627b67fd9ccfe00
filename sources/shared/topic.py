"""The topic `shared`, followed in a thread of its own: known in memory, and changed by whoever waits for it."""

from __future__ import annotations

import asyncio
import atexit
import sys
import threading
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from sources.shared.entries import Entries
from streams.errors import Unavailable
from streams.messages.shared import SharedEntry, Value
from streams.signature import Signer
from streams.topics import SHARED

log = structlog.wrap_logger(structlog.PrintLogger(sys.stderr))  # no output of a verb
AGAIN = 2.0  # seconds until Kafka is looked for again
PATIENCE = 15.0  # seconds that a change may take
PLACE = TopicPartition(SHARED, 0)
UNREAD = "the topic `shared` has not been read yet: is Kafka up, and has `python -m deploy topics` been run?"
UNTAKEN = "Kafka does not take what is to be shared: nothing was changed; try again shortly"


class SharedTopic:
    """Entries as the topic has them. Nothing is connected before `open`."""

    def __init__(self, client: Mapping[str, Any], signer: Signer, patience: float) -> None:
        """`client`: how to connect; `patience`: seconds that a reader waits for the topic to be read at first."""
        self._client, self._patience = dict(client), patience
        self._signer, self._entries = signer, Entries(signer)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=SHARED, daemon=True)
        self._complete, self._next = threading.Event(), 0
        self._moved: asyncio.Event = asyncio.Event()
        self._producer: AIOKafkaProducer | None = None
        self._following: asyncio.Task[None] | None = None
        self.version = 0

    def open(self) -> None:
        """Follow the topic until `close`, or the end of the process."""
        self._thread.start()
        self._wait(self._begin(), PATIENCE)
        atexit.register(self.close)

    def close(self) -> None:
        """Let go of Kafka; what was opened is closed once."""
        atexit.unregister(self.close)
        with suppress(Unavailable):
            self._wait(self._end(), PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def of(self, type_: str) -> Mapping[str, Value]:
        """All entries of a type; Unavailable where the topic has not been read within our patience."""
        if not self._complete.wait(self._patience):
            raise Unavailable(UNREAD)
        return self._entries.of(type_)

    def claimant(self, type_: str, name: str) -> str:
        """Who has claimed an entry first; empty where nobody has."""
        return self._entries.claimant(type_, name)

    def put(self, entry: SharedEntry) -> None:
        """Add an entry, and return when it can be read here; Unavailable where Kafka does not take it."""
        self._wait(self._put(entry), PATIENCE)

    def _wait(self, work: Coroutine[Any, Any, None], seconds: float) -> None:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            future.result(seconds)
        except (TimeoutError, KafkaError, OSError) as why:
            future.cancel()
            raise Unavailable(f"{UNTAKEN} ({type(why).__name__})") from None

    async def _begin(self) -> None:
        self._following = asyncio.create_task(self._follow())

    async def _end(self) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        if self._producer is not None:
            await self._producer.stop()

    async def _put(self, entry: SharedEntry) -> None:
        if self._producer is None:
            producer = AIOKafkaProducer(**self._client, acks="all", enable_idempotence=True)
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        producer = self._producer
        raw = self._signer.sign(entry.encode(), SHARED)
        try:
            sent = await producer.send_and_wait(SHARED, raw, key=entry.key.encode(), partition=0)
        except KafkaError:  # what follows one that was given up is refused: the next entry has a new producer
            if self._producer is producer:
                self._producer = None
                await producer.stop()
            raise
        while self._next <= sent.offset:
            self._moved.clear()
            await self._moved.wait()

    async def _follow(self) -> None:
        logged = ""
        while True:
            reader = AIOKafkaConsumer(
                **self._client, group_id=None, auto_offset_reset="earliest", enable_auto_commit=False
            )
            try:
                await reader.start()
                await self._read(reader)
            except (KafkaError, OSError) as why:
                if (words := type(why).__name__) != logged:
                    log.warning("the topic `shared` cannot be read; trying again until it can", why=words)
                    logged = words
            finally:
                await reader.stop()
            await asyncio.sleep(AGAIN)

    async def _read(self, reader: AIOKafkaConsumer) -> None:
        reader.assign([PLACE])
        reader.seek(PLACE, self._next)
        end = (await reader.end_offsets([PLACE]))[PLACE]
        while True:
            if not self._complete.is_set() and self._next >= end:
                self.version += 1
                self._complete.set()
            records = (await reader.getmany(timeout_ms=500)).get(PLACE, [])
            for record in records:
                if why := self._entries.take(record):
                    log.warning("a record of the topic `shared` is passed over", why=str(why))
            self._next = await reader.position(PLACE)
            self.version += bool(records)
            self._moved.set()
