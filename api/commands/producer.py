"""How the API hands a message to the broker, in three seconds at most: it is kept for good, or was not handed over."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from streams.codes import RefusalCode
from streams.errors import Refused, Unavailable, Unconfirmed

log = structlog.get_logger()
CONNECT, CONFIRM = 1.5, 1.5  # seconds for the broker to answer, and then to confirm: a person waits
AWAY = "the broker does not take it: nothing was changed; try again shortly"


class ConfirmedProducer:
    """An idempotent producer that waits for every replica in sync; it starts with the first message.

    After a message that was given up it is made anew: its place in the sequence stays empty, and brokers refuse what
    follows a gap.
    """

    def __init__(self, client: dict[str, Any]) -> None:
        """`client`: how to connect (`streams.connection.client`)."""
        self._client = client
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()
        self._asking: asyncio.Future[Any] | None = None
        self._closing = set[asyncio.Task[None]]()

    async def send(self, topic: str, key: str, raw: bytes, id: str) -> None:
        """Produce one message of ours by its key, as `hand_over` does."""
        await self.hand_over(topic, raw, id, key=key.encode())

    async def hand_over(
        self, topic: str, raw: bytes, id: str, *, key: bytes | None, partition: int | None = None
    ) -> None:
        """Produce one message; Unavailable where nobody takes it, Unconfirmed where nobody says so in time.

        The broker is asked first whether it is there. Where it is not, nothing is handed over, so nothing can take
        effect later: the producer goes on trying for ever, and knows no way to take a message back.
        """
        try:
            async with asyncio.timeout(CONNECT):
                producer = await self._started()
                if not await self._answers(producer):
                    raise Unavailable(AWAY)
                sent = await self._put(producer, topic, key, raw, partition)
        except (TimeoutError, KafkaError, OSError) as why:
            raise Unavailable(f"{AWAY} ({type(why).__name__})") from None
        done, _ = await asyncio.wait([sent], timeout=CONFIRM)
        if not done:
            raise Unconfirmed(id)
        if (failure := sent.exception()) is not None:
            raise Unavailable(f"{AWAY} ({type(failure).__name__})") from None

    async def _put(
        self, producer: AIOKafkaProducer, topic: str, key: bytes | None, raw: bytes, partition: int | None
    ) -> asyncio.Future[Any]:
        try:
            sent: asyncio.Future[Any] = await producer.send(topic, raw, key=key, partition=partition)
        except MessageSizeTooLargeError:  # of this message alone: the producer is as good as before
            raise Refused(
                "one message of it is too large: send less at once", RefusalCode.TOO_LARGE
            ) from None
        except KafkaError as why:
            self._leave(producer, why)
            raise
        sent.add_done_callback(partial(self._on_outcome, producer))
        return sent

    def _on_outcome(self, producer: AIOKafkaProducer, sent: asyncio.Future[Any]) -> None:
        if not sent.cancelled() and (why := sent.exception()) is not None:
            self._leave(producer, why)

    def _leave(self, producer: AIOKafkaProducer, why: BaseException) -> None:
        """Let go of a producer that has given up a message; what else is under way on it is still sent."""
        log.warning("a message was not taken; the producer is made anew", why=type(why).__name__)
        if self._producer is producer:
            self._producer = self._asking = None
            closing = asyncio.ensure_future(_close(producer))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    async def _answers(self, producer: AIOKafkaProducer) -> bool:
        """Whether the broker answers now; many who ask at once share one question."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.ensure_future(producer.client.force_metadata_update())
        return bool(await asyncio.shield(self._asking))

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **{**self._client, "request_timeout_ms": 5_000},
                    acks="all",
                    enable_idempotence=True,
                    linger_ms=0,
                )
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    async def stop(self) -> None:
        """Close the connection; what the broker does not take in a moment is given up."""
        if self._producer is not None:
            await _close(self._producer)
        await asyncio.gather(*self._closing)


async def _close(producer: AIOKafkaProducer) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(CONFIRM):
            await producer.stop()
