"""Lets canaries fly: an event of each name in turn to `telemetry`, as any producer of events; Kafka may be away."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import Protocol
from uuid import uuid4

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from sinks.canary.flock import StagePartitions, names
from sinks.runtime.broker_clock import now
from sinks.runtime.clients import Clients
from sinks.runtime.kafka import RepeatedWarning
from streams.canary.names import EVENT
from streams.messages.event import Event
from streams.settings import Settings
from streams.signature import Signer
from streams.text.hindrance import told
from streams.topics import STAGES, TELEMETRY

log = structlog.get_logger()
PATIENCE = 10.0  # seconds that Kafka is given to take one
SLOW = 1.0  # seconds after which one that is still under way is worth a word
PAUSE = 1.0  # seconds after a failure


class FlightObserver(Protocol):
    """Who watches what flies."""

    def fly(self, names: Sequence[str]) -> None:
        """Hear which canaries there are from now on."""
        ...

    def depart(self, name: str, id: str) -> None:
        """Hear of one by its name and id, before it is sent."""
        ...


class Departure:
    """One canary after the other to Kafka, and why Kafka does not take them where it does not."""

    def __init__(self, settings: Settings, signer: Signer, observer: FlightObserver) -> None:
        """`observer` hears which canaries there are, and of each that leaves."""
        self._settings, self._signer, self._observer = settings, signer, observer
        self._partitions: StagePartitions | None = None
        self._names: list[str] = []
        self._warning = RepeatedWarning()
        self._refusal = "it does not answer"
        self._leaving: dict[str, float] = {}  # id → the steady clock when it was handed over

    @property
    def hindrance(self) -> str:
        """Why Kafka does not take the newest ones; "" where it does."""
        steady = monotonic()
        waited = steady - min(self._leaving.values(), default=steady)
        return self._refusal or (_taken_nothing(waited) if waited >= SLOW else "")

    async def run(self) -> None:
        """One after the other, so that each flies once within the interval; with new clients after a failure."""
        while True:
            clients = await Clients.open(self._settings, [], list(STAGES.values()))
            try:
                await self._fly(clients.producer)
            except* KafkaError as why:
                self._hindered(str(told(why.exceptions[0])))
            finally:
                await clients.close()
            await asyncio.sleep(PAUSE)

    async def _fly(self, producer: AIOKafkaProducer) -> None:
        """Nobody waits for one that Kafka does not take: the next ones, for other brokers, leave when they are due."""
        async with asyncio.TaskGroup() as under_way:
            while True:
                await self._count(producer)
                for name in self._names:
                    under_way.create_task(self._send(producer, name))
                    await asyncio.sleep(self._settings.canary / 1_000 / len(self._names))

    async def _count(self, producer: AIOKafkaProducer) -> None:
        """Ask Kafka how many partitions each stage has, and let canaries fly through all of them."""
        counts = [len(await producer.partitions_for(topic)) for topic in STAGES.values()]
        partitions = StagePartitions(*counts)
        if partitions != self._partitions:
            self._partitions, self._names = partitions, names(partitions, self._settings.canary_channel)
            log.info("canaries fly", names=self._names, through=partitions._asdict())
            self._observer.fly(self._names)

    async def _send(self, producer: AIOKafkaProducer, name: str) -> None:
        event = Event(
            id=uuid4().hex, at=now(), gateway=name, source="canary", type=EVENT,
            attributes={"channel": self._settings.canary_channel},
        )  # fmt: skip
        raw = self._signer.of(name).sign(event.encode(), TELEMETRY)
        self._observer.depart(name, event.id)
        self._leaving[event.id] = monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                await producer.send_and_wait(TELEMETRY, raw, key=name.encode())
        except TimeoutError:
            self._hindered(_taken_nothing(PATIENCE))
        else:
            self._refusal = ""
        finally:
            del self._leaving[event.id]

    def _hindered(self, why: str) -> None:
        self._refusal = why
        self._warning.log("Kafka takes no canary; trying again", why=why)


def _taken_nothing(seconds: float) -> str:
    return f"it has taken nothing for {seconds:.0f} s"
