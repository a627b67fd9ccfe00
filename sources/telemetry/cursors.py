"""How far each poller has read what its gateway lists, for whoever polls it next.

    a poller's news are acknowledged  →  `cursors`, key: gateway/source  →  read by each poller that begins

What was read is told again where Kafka has not taken it: an event carries the gateway's own id, so it counts once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, NoReturn, Protocol

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from sources.bridge.list_cursor import ListCursor
from sources.telemetry.publisher import EVERYTHING_AWAY, producer
from streams import connection
from streams.errors import Failure
from streams.messages.shared import CursorMoved
from streams.settings import Settings
from streams.topics import CURSORS

log = structlog.get_logger()
AGAIN = 2.0  # seconds until Kafka is tried again
PLACE = TopicPartition(CURSORS, 0)


class CursorStore(Protocol):
    """Where positions are kept; what its methods raise is tried again."""

    async def read(self) -> dict[str, int]:
        """All positions, by gateway/source."""
        ...

    async def keep(self, moved: CursorMoved) -> None:
        """Keep one, and return when it is safe."""
        ...


class Cursors:
    """The cursors of one process. `settled`: waits until all that was published has gone; whether it arrived."""

    def __init__(
        self, store: CursorStore, settled: Callable[[], Awaitable[bool]], clock: Callable[[], int]
    ) -> None:
        """`clock`: ms UTC."""
        self._store, self._settled, self._clock = store, settled, clock
        self._unread: list[ListCursor] = []
        self._moved: list[ListCursor] = []
        self._more = asyncio.Event()

    def open(self, gateway: str, source: str) -> ListCursor:
        """The cursor of a poller that begins; it is settled once it was read."""
        cursor = ListCursor(gateway, source, self._note)
        self._unread.append(cursor)
        self._more.set()
        return cursor

    def _note(self, cursor: ListCursor) -> None:
        self._moved.append(cursor)
        self._more.set()

    async def run(self) -> NoReturn:
        """Read and keep for ever, however long Kafka is away."""
        away = False
        while True:
            await self._more.wait()
            self._more.clear()
            try:
                await self._read()
                await self._keep()
            except (KafkaError, OSError) as why:
                if not away:
                    log.warning("cursors wait for Kafka: no list is read on before", why=type(why).__name__)
                away = True
                self._more.set()
                await asyncio.sleep(AGAIN)
            else:
                away = False

    async def _read(self) -> None:
        if not self._unread:
            return
        asked, known = list(self._unread), await self._store.read()
        for cursor in asked:
            self._unread.remove(cursor)
            cursor.position = known.get(f"{cursor.gateway}/{cursor.source}")
            cursor.settled = True

    async def _keep(self) -> None:
        moved = list(self._moved)
        arrived = await self._settled() if moved else True
        for cursor in moved:
            if arrived:
                await self._store.keep(self._message(cursor))
            self._moved.remove(cursor)
            cursor.settle(arrived)

    def _message(self, cursor: ListCursor) -> CursorMoved:
        return CursorMoved(
            id=f"cursor/{cursor.gateway}/{cursor.source}/{cursor.goal}", at=self._clock(), gateway=cursor.gateway,
            source=cursor.source, position=cursor.goal,
        )  # fmt: skip


class CursorTopic:
    """Positions in the topic `cursors`."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is connected before the first use."""
        self._settings = settings
        self._producer: Any = None

    async def read(self) -> dict[str, int]:
        """All positions, from the topic's beginning to its end; raises what Kafka raises."""
        reader = AIOKafkaConsumer(
            **connection.client(self._settings),
            group_id=None,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        found: dict[str, int] = {}
        try:
            await reader.start()
            reader.assign([PLACE])
            end = (await reader.end_offsets([PLACE]))[PLACE]
            while await reader.position(PLACE) < end:
                for record in (await reader.getmany(timeout_ms=500)).get(PLACE, []):
                    _take(found, record.value)
        finally:
            await reader.stop()
        return found

    async def keep(self, moved: CursorMoved) -> None:
        """Keep one, and return when all replicas have it; raises what Kafka raises."""
        key = f"{moved.gateway}/{moved.source}".encode()
        try:
            if self._producer is None:
                self._producer = producer(self._settings)
                await self._producer.start()
            await (await self._producer.send(CURSORS, moved.encode(), key))
        except (KafkaError, OSError):
            await self.close()
            raise

    async def close(self) -> None:
        """Let go of Kafka, which is not waited for: what it has not taken is told again."""
        made, self._producer = self._producer, None
        if made is not None:
            with suppress(*EVERYTHING_AWAY):
                async with asyncio.timeout(AGAIN):
                    await made.stop()


def _take(found: dict[str, int], raw: bytes | None) -> None:
    if raw is None:
        return
    try:
        moved = CursorMoved.parse(raw)
    except Failure as why:
        log.warning("a cursor cannot be read and is passed over", why=str(why))
    else:
        found[f"{moved.gateway}/{moved.source}"] = moved.position
