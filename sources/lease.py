"""The lease: of several bridges exactly one polls a gateway, and another takes over where it dies.

The bridges are one consumer group on `telemetry`, of which they read nothing: whoever holds the partition that a
gateway's telemetry goes to polls that gateway. Kafka's own sessions say who is alive.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner

from streams import connection
from streams.errors import Broken
from streams.settings import Settings
from streams.topics import TELEMETRY

log = structlog.get_logger()
GROUP = "bridge"
AGAIN = 5.0  # seconds between two tries to reach Kafka
BEAT = 0.2  # seconds between two looks at whether this process stood still
_place = DefaultPartitioner()


class Lease(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """What this process may poll now."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is held before `keep` has joined the group."""
        self._settings = settings
        self._held: set[int] = set()
        self._all: list[int] = []
        self.changed = asyncio.Event()

    def mine(self, gateway: str) -> bool:
        """Whether this process polls the gateway: the partition is that which its messages go to."""
        return bool(self._all) and _place(gateway.encode(), self._all, self._all) in self._held

    async def keep(self, rest: Callable[[], Awaitable[None]]) -> None:
        """Be a member for ever; `rest` ends all polling, and is waited for before others are given what was held.

        Broken where this process stood still for so long that others may poll already.
        """
        self._rest = rest
        consumer = await self._joined()
        reading = asyncio.create_task(_read(consumer))
        try:
            await self._beat(reading)
        finally:
            reading.cancel()
            await consumer.stop()

    async def _beat(self, reading: asyncio.Task[None]) -> None:
        beat = time.monotonic()
        while not reading.done():
            await asyncio.wait((reading,), timeout=BEAT)
            gap = time.monotonic() - beat
            if gap > connection.longest_pause(self._settings.session):
                raise Broken(f"stood still for {gap:.1f} s, while TOCSIN_SESSION ran out: starting afresh")
            beat += gap
        reading.result()

    async def on_partitions_revoked(self, revoked: set[Any]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] # noqa: ARG002
        """Stop polling before anybody else begins."""
        self._held = set()
        await self._rest()

    async def on_partitions_assigned(self, assigned: set[Any]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Hold these, and read nothing of them."""
        self._consumer.pause(*assigned)
        self._all = sorted(self._consumer.partitions_for_topic(TELEMETRY) or ())
        self._held = {one.partition for one in assigned}
        self.changed.set()
        log.info("lease", partitions=sorted(self._held), of=len(self._all))

    async def _joined(self) -> AIOKafkaConsumer:
        """A member of the group, however long Kafka takes to appear."""
        while True:
            self._consumer = consumer = _member(self._settings)
            try:
                await consumer.start()
            except (KafkaError, OSError) as why:
                await consumer.stop()
                log.warning(
                    "no gateway is polled before Kafka answers; trying again until it does",
                    bootstrap=self._settings.bootstrap,
                    why=str(why),
                    fix="start Kafka, or correct TOCSIN_KAFKA_BOOTSTRAP",
                )
                await asyncio.sleep(AGAIN)
            else:
                consumer.subscribe([TELEMETRY], listener=self)
                return consumer


async def _read(consumer: AIOKafkaConsumer) -> None:
    """Nothing comes, since all is paused; but a member that never asks is taken for dead."""
    while True:
        await consumer.getmany(timeout_ms=1_000)


def _member(settings: Settings) -> AIOKafkaConsumer:
    """No static member: two bridges of one slot would take the lease from each other for ever, and both poll."""
    return AIOKafkaConsumer(
        **connection.client(settings),
        group_id=GROUP,
        enable_auto_commit=False,
        auto_offset_reset="latest",
        session_timeout_ms=settings.session,
        heartbeat_interval_ms=connection.heartbeat(settings.session),
        metadata_max_age_ms=10_000,
    )
