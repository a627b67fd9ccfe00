"""Brings what hooks observed to Kafka, from a thread of its own: a hook only puts its observation down.

Bounded throughout: what is observed, and what is spelled and not sent yet. The oldest is dropped, and counted. Nothing
here ever raises into the gateway, waits for it, or is waited for.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from importlib import import_module
from itertools import islice
from typing import Any, NamedTuple, Protocol
from uuid import uuid4

from .observed import Incident, Observed, ToolCall
from .settings import PluginSettings
from .spelled import TOPIC, event_body, frame_bodies, signed
from .tally import Tally

log = logging.getLogger("tocsin_plugin")
OBSERVED, WAITING, CHUNK = 10_000, 2_000, 100  # observations, messages, and those under way, at most
BEAT = 0.2  # seconds between two looks at what was observed
EVENTS = 20  # of one look; the rest of a flood says nothing new
OLDEST = 300_000  # ms; what is older when Kafka is back is of no use
AGAIN = 5.0  # seconds until Kafka is tried again
HEARTBEAT = 60.0  # seconds
GRACE = 2.0  # seconds for the last messages


class KafkaProducer(Protocol):
    """The part of aiokafka's producer that is used here."""

    async def start(self) -> None:
        """Connect to the broker."""
        ...

    async def stop(self) -> None:
        """Disconnect from it."""
        ...

    async def send(self, topic: str, value: bytes, key: bytes) -> Any:
        """A future that is done when the message is kept."""
        ...


class WaitingMessage(NamedTuple):
    """A message that has not been sent; `at`: ms UTC."""

    at: int
    raw: bytes


def kafka_producer(settings: PluginSettings) -> KafkaProducer:
    """The real one; ImportError where aiokafka is not installed in the gateway's environment."""
    aiokafka: Any = import_module("aiokafka")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it would say every second what we say once
    producer: KafkaProducer = aiokafka.AIOKafkaProducer(
        bootstrap_servers=settings.kafka, acks="all", enable_idempotence=True, request_timeout_ms=10_000,
        linger_ms=5, **settings.client,
    )  # fmt: skip
    return producer


def _now() -> int:
    return time.time_ns() // 1_000_000


class Sender:
    """One for each process. `dropped`: observations and messages that found no room, or became too old."""

    def __init__(
        self,
        settings: PluginSettings,
        worker: str,
        make: Callable[[PluginSettings], KafkaProducer] = kafka_producer,
        now: Callable[[], int] = _now,
    ) -> None:
        """`worker`: which of the gateway's processes this is; nothing is connected before `start`."""
        self.settings, self.process = settings, os.getpid()
        self.dropped = self.sent = 0
        self._make, self._now = make, now
        self._source = f"plugin/{worker}"
        self._begun = uuid4().hex[:12]
        self._observed: deque[Observed] = deque(maxlen=OBSERVED)
        self._waiting: deque[WaitingMessage] = deque(maxlen=WAITING)
        self._tally, self._events, self._away = Tally(worker), 0, False
        self._ended, self._farewell = threading.Event(), False
        self._thread = threading.Thread(target=self._run, name="tocsin-plugin", daemon=True)

    def start(self) -> None:
        """Begin to send, from a thread that ends with the process."""
        self._thread.start()

    def stop(self, farewell: bool = False) -> None:
        """Give what waits a moment, and end. `farewell`: say that nobody is to wait for this source."""
        self._farewell = farewell
        self._ended.set()
        self._thread.join(GRACE + 1)

    @property
    def alive(self) -> bool:
        """Whether it sends, in this process: a fork has the object, and not the thread."""
        return self.process == os.getpid() and self._thread.is_alive()

    def note(self, observed: Observed) -> None:
        """Put an observation down; the only thing that a hook does."""
        if len(self._observed) == OBSERVED:
            self.dropped += 1
        self._observed.append(observed)

    def _run(self) -> None:
        try:
            asyncio.run(self._work())
        except Exception:
            log.exception("the plugin of Tocsin has ended: nothing more of this process is told")

    async def _work(self) -> None:
        sending = asyncio.create_task(self._send_always())
        frame_at = beat_at = time.monotonic()
        while not self._ended.is_set() and not sending.done():
            await asyncio.sleep(BEAT)
            self.gather()
            if time.monotonic() >= beat_at:
                beat_at += HEARTBEAT
                self._event(Incident(self._now(), "heartbeat", {"plugin": "tocsin"}))
            if time.monotonic() >= frame_at:
                frame_at += self.settings.every
                self.spell_frame()
        if sending.done():
            sending.result()
        self.gather()
        self.spell_frame()
        if self._farewell:
            self._event(Incident(self._now(), "source_stopped", {}))
        await asyncio.wait([asyncio.create_task(self._emptied())], timeout=GRACE)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)

    async def _emptied(self) -> None:
        while self._waiting:  # noqa: ASYNC110 - it is for a moment, at the end of the process
            await asyncio.sleep(0.05)

    def gather(self) -> None:
        """Count what was observed since the last look, and spell what happened."""
        room = EVENTS
        for _ in range(len(self._observed)):
            observed = self._observed.popleft()
            if isinstance(observed, ToolCall):
                self._tally.count(observed)
            elif room:
                room -= 1
                self._event(observed)
            else:
                self.dropped += 1

    def spell_frame(self) -> None:
        """Put the counts, as they stand now, among what is to be sent."""
        at = self._now()
        for body in frame_bodies(self.settings.gateway, self._source, at, self._tally.frame(self.dropped)):
            self._put(at, signed(body, self.settings.key))

    def _event(self, happening: Incident) -> None:
        self._events += 1
        known = happening if happening.at else happening._replace(at=self._now())
        mark = happening.mark or f"{self._begun}/{self._events}"
        body = event_body(
            self.settings.gateway, self._source, f"{self.settings.gateway}/plugin/{mark}", known
        )
        self._put(known.at, signed(body, self.settings.key))

    def _put(self, at: int, raw: bytes) -> None:
        if len(self._waiting) == WAITING:
            self.dropped += 1
        self._waiting.append(WaitingMessage(at, raw))

    async def _send_always(self) -> None:
        while True:
            producer = self._make(self.settings)
            try:
                async with asyncio.timeout(AGAIN * 4):
                    await producer.start()
                await self._send_all(producer)
            except Exception as why:  # noqa: BLE001 - whatever Kafka's client raises, the gateway goes on
                if not self._away:
                    log.warning("Kafka does not take what the plugin of Tocsin tells: %s", type(why).__name__)
                self._away = True
            finally:
                await _closed(producer)
            await asyncio.sleep(AGAIN)

    async def _send_all(self, producer: KafkaProducer) -> None:
        while True:
            if not self._waiting:
                await asyncio.sleep(BEAT)
                continue
            chunk = list(islice(self._waiting, CHUNK))
            fresh = [message for message in chunk if message.at >= self._now() - OLDEST]
            acks = [
                await producer.send(TOPIC, message.raw, self.settings.gateway.encode()) for message in fresh
            ]
            await asyncio.gather(*acks)
            self.sent, self.dropped = self.sent + len(fresh), self.dropped + len(chunk) - len(fresh)
            done = {id(message) for message in chunk}
            while self._waiting and id(self._waiting[0]) in done:  # some may have made room meanwhile
                self._waiting.popleft()
            if self._away:
                log.warning("Kafka takes again what the plugin of Tocsin tells")
                self._away = False


async def _closed(producer: KafkaProducer) -> None:
    try:
        async with asyncio.timeout(GRACE):
            await producer.stop()
    except Exception as why:  # noqa: BLE001 - a connection that is gone cannot be closed
        log.debug("%s", type(why).__name__)
