"""Lets canaries fly: an event of each name in turn to `telemetry`, as any producer of events; Kafka may be away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from uuid import uuid4

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from sinks.runtime.clients import Clients
from sinks.runtime.kafka import RepeatedWarning
from streams.canary.names import EVENT
from streams.messages.event import Event
from streams.settings import Settings
from streams.signature import Signer
from streams.text.hindrance import told
from streams.topics import TELEMETRY

log = structlog.get_logger()
PATIENCE = 10.0  # seconds that Kafka is given to take one


class Departure:
    """`hindrance`: why Kafka did not take the newest one; "" where it did."""

    def __init__(
        self, settings: Settings, signer: Signer, names: list[str], departs: Callable[[str, str], None]
    ) -> None:
        """`departs`: hears of each one, by name and id, before it is sent."""
        self._settings, self._signer = settings, signer
        self._names, self._departs = names, departs
        self._warning = RepeatedWarning()
        self.hindrance = "it does not answer"

    async def run(self) -> None:
        """One after the other, so that each flies once within the interval; with new clients after a failure."""
        while True:
            clients = await Clients.open(self._settings, [], [TELEMETRY])
            try:
                await self._fly(clients.producer)
            except KafkaError as why:
                self._hindered(str(told(why)))
            finally:
                await clients.close()

    async def _fly(self, producer: AIOKafkaProducer) -> None:
        pause = self._settings.canary / 1_000 / len(self._names)
        while True:
            for name in self._names:
                await asyncio.gather(self._send(producer, name), asyncio.sleep(pause))

    async def _send(self, producer: AIOKafkaProducer, name: str) -> None:
        event = Event(
            id=uuid4().hex, at=time.time_ns() // 1_000_000, gateway=name, source="canary", type=EVENT,
            attributes={"channel": self._settings.canary_channel},
        )  # fmt: skip
        raw = self._signer.of(name).sign(event.encode(), TELEMETRY)
        self._departs(name, event.id)
        try:
            async with asyncio.timeout(PATIENCE):
                await producer.send_and_wait(TELEMETRY, raw, key=name.encode())
        except TimeoutError:
            self._hindered(f"it took nothing within {PATIENCE:.0f} s")
        else:
            self.hindrance = ""

    def _hindered(self, why: str) -> None:
        self.hindrance = why
        self._warning.log("Kafka takes no canary; trying again", why=why)
