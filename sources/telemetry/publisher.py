"""Brings what bridges say to `telemetry`, in order, and keeps it for five minutes while the broker is away.

Batches are acknowledged by all replicas and repeated until they are; after a failure the producer is made
anew, since one whose batch expired may not go on idempotently. What is repeated carries the same id, so
receivers drop it. What comes after a pause goes at once; what comes soon after goes together, since a request costs
us, Kafka and detect as much as the frame in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, Protocol

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from sources.telemetry.backlog import KEPT, Backlog
from streams import connection
from streams.messages.envelope import LARGEST
from streams.settings import Settings
from streams.telemetry.compression import lighten
from streams.text.hindrance import Hindrance, told
from streams.topics import TELEMETRY

log = structlog.get_logger()
CHUNK = 256  # messages under way at once
GATHER = 0.03  # seconds from one request to the next at least, unless a whole chunk waits
PAUSE, LONGEST = 0.2, 5.0  # seconds between two attempts, growing
EXPIRY = 10.0  # seconds after which a batch that could not be sent is given up, and its producer with it
Sign = Callable[[str, bytes], bytes]
Explain = Callable[[BaseException], Awaitable[Hindrance]]
EVERYTHING_AWAY = (KafkaError, OSError, TimeoutError)


class Producer(Protocol):
    """The part of aiokafka's producer that is used here."""

    async def start(self) -> None:
        """Connect to the broker."""
        ...

    async def stop(self) -> None:
        """Send what is left and disconnect."""
        ...

    async def send(self, topic: str, value: bytes, key: bytes) -> Any:
        """A future that is done once the message is acknowledged."""
        ...


def producer(settings: Settings) -> AIOKafkaProducer:
    """A producer by the settings, not started: idempotent, acks=all, LZ4 at its fast level.

    Nothing lingers: what goes together is handed over together.
    """
    lighten(import_module)
    client: dict[str, Any] = connection.client(settings) | {"request_timeout_ms": int(EXPIRY * 1000)}
    return AIOKafkaProducer(
        **client,
        acks="all",
        enable_idempotence=True,
        compression_type="lz4",
        linger_ms=0,
        max_batch_size=LARGEST,
        max_request_size=1 << 20,
    )


async def plainly(why: BaseException) -> Hindrance:
    """What is known of an error without asking anybody: its own words and their fix."""
    return told(why)


class Publisher:
    """A queue in front of a producer that may not be there yet, or any more."""

    def __init__(
        self,
        make: Callable[[], Producer],
        sign: Sign = lambda _, body: body,
        explain: Explain = plainly,
        gather: float = GATHER,
    ) -> None:
        """`make`: a producer, not started; `sign`: a gateway's message, signed; `explain`: why Kafka fails.

        `gather`: seconds in which what comes goes together.
        """
        self._make, self._sign, self._explain = make, sign, explain
        self._backlog, self._gather = Backlog(), gather
        self._more, self._moved = asyncio.Event(), asyncio.Event()
        self._producer: Producer | None = None
        self._away = False  # whether it was said that the broker is away
        self._dropped_before = 0  # how many had been given up when Kafka was last back
        self._logged_dropped = self._logged_large = False

    def publish(self, gateway: str, at: int, bodies: Sequence[bytes]) -> None:
        """Put messages on their way; `at`: ms UTC, by which their age is judged."""
        signed = [self._sign(gateway, body) for body in bodies]
        self._backlog.add(gateway, at, [body for body in signed if self._fits(gateway, len(body))])
        self._more.set()
        self._moved.set()
        if self.dropped > self._dropped_before and not self._logged_dropped:
            self._logged_dropped = True
            log.error(
                "Kafka has been away for too long: the oldest telemetry is dropped", kept_seconds=KEPT // 1000
            )

    async def run(self) -> None:
        """Send for ever; ends by cancellation only."""
        pause = PAUSE
        while True:
            if not self._backlog:
                self._more.clear()
                await self._more.wait()
            try:
                began = asyncio.get_running_loop().time()
                await self.flush()
                pause = PAUSE
                await self._rest(began)
            except EVERYTHING_AWAY as why:
                await self._log_away(why)
                await self._discard(2 * EXPIRY)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST)

    async def close(self, grace: float) -> None:
        """Give what waits `grace` seconds to get away, then stop; call it after `run` was cancelled."""
        with suppress(*EVERYTHING_AWAY):
            async with asyncio.timeout(grace):
                while self.waiting:
                    await self.flush()
        await self._discard(grace)

    @property
    def waiting(self) -> int:
        """How many messages have not been acknowledged."""
        return len(self._backlog)

    @property
    def dropped(self) -> int:
        """How many were given up since the start."""
        return self._backlog.dropped

    async def settled(self) -> bool:
        """Wait until all that waits now has gone; whether none of it, nor anything else meanwhile, was given up."""
        last, dropped = self._backlog.left + len(self._backlog), self.dropped
        while self._backlog.left < last:
            self._moved.clear()
            await self._moved.wait()
        return self.dropped == dropped

    async def flush(self) -> None:
        """Send the oldest messages and wait until they are acknowledged; raises what Kafka raises."""
        chunk = self._backlog.first(CHUNK)
        if self._producer is None:
            self._producer = self._make()
            await self._producer.start()
        acks = [
            await self._producer.send(TELEMETRY, waiting.body, waiting.gateway.encode()) for waiting in chunk
        ]
        for waiting, outcome in zip(chunk, await asyncio.gather(*acks, return_exceptions=True), strict=True):
            if isinstance(outcome, MessageSizeTooLargeError):
                self._log_large(waiting.gateway, len(waiting.body))
            elif isinstance(outcome, BaseException):
                raise outcome
        self._backlog.done(chunk)
        self._moved.set()
        if self._away:
            log.info("Kafka is back", dropped=self.dropped - self._dropped_before)
            self._away = self._logged_dropped = False
            self._dropped_before = self.dropped

    async def _rest(self, began: float) -> None:
        """Let what comes now wait for the next request; one that fell behind does not wait."""
        if len(self._backlog) < CHUNK:
            await asyncio.sleep(max(0.0, began + self._gather - asyncio.get_running_loop().time()))

    def _fits(self, gateway: str, size: int) -> bool:
        if size > LARGEST:
            self._log_large(gateway, size)
        return size <= LARGEST

    def _log_large(self, gateway: str, size: int) -> None:
        """What is too large stays too large: it is dropped, and holds nothing up."""
        if not self._logged_large:
            self._logged_large = True
            log.error("a message is too large and was dropped", gateway=gateway, bytes=size, most=LARGEST)

    async def _discard(self, grace: float) -> None:
        producer, self._producer = self._producer, None
        if producer:
            with suppress(*EVERYTHING_AWAY):
                async with asyncio.timeout(grace):
                    await producer.stop()

    async def _log_away(self, why: BaseException) -> None:
        if not self._away:
            self._away = True
            log.warning(
                "Kafka does not answer; telemetry is kept and sent when it is back",
                **(await self._explain(why))._asdict(),
            )
