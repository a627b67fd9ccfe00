"""The lease: of several bridges exactly one polls a gateway, and another takes over where it dies.

The bridges are one consumer group on `telemetry`, of which they read nothing: whoever holds the partition that a
gateway's telemetry goes to polls that gateway. Kafka's own sessions say who is alive; who cannot reach Kafka for a
session stops polling, since another may poll by then.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Set
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.conn import create_conn
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner

from sources.telemetry.lease_contact import LeaseContact
from streams import connection
from streams.errors import Broken
from streams.settings import Settings
from streams.text.hindrance import START, Hindrance, hindrance, told
from streams.topics import TELEMETRY

log = structlog.get_logger()
GROUP = "bridge"
AGAIN = 5.0  # seconds between two tries to reach Kafka
BEAT = 0.2  # seconds between two looks at whether this process stood still
AWAY = "start Kafka, or mend the network between; with a longer TOCSIN_SESSION short outages matter less"
_place = DefaultPartitioner()


class Lease(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """What this process may poll now."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is held before `keep` has joined the group."""
        self._settings = settings
        self._held: set[int] = set()
        self._contact, self._cut = LeaseContact(settings.session), False
        self._refusal: KafkaError | None = None  # what the last question brought instead of an answer
        self._all: list[int] = []
        self.changed = asyncio.Event()

    def mine(self, gateway: str) -> bool:
        """Whether this process polls the gateway: the partition is that which its messages go to."""
        # the contact besides the cut: that it is lost may be known before any beat
        if self._cut or not self._all or self._contact.lost(time.monotonic()):
            return False
        return _place(gateway.encode(), self._all, self._all) in self._held

    async def keep(self, rest: Callable[[], Awaitable[None]]) -> None:
        """Be a member for ever; `rest` ends all polling, and is waited for before others are given what was held.

        Broken where this process stood still for so long that others may poll already.
        """
        self._rest = rest
        consumer = await self._joined()
        reading, asking = asyncio.create_task(_read(consumer)), asyncio.create_task(self._ask(consumer))
        try:
            await self._beat({reading, asking})
        finally:
            for task in (reading, asking):
                task.cancel()
            # a question under way would hold the consumer's own look-up of the coordinator
            await asyncio.gather(reading, asking, return_exceptions=True)
            await consumer.stop()

    async def _beat(self, parts: Set[asyncio.Task[None]]) -> None:
        """Look at clock and contact until a part has ended, which it does by its error only."""
        beat, ended = time.monotonic(), set[asyncio.Task[None]]()
        while not ended:
            ended, _ = await asyncio.wait(parts, timeout=BEAT, return_when=asyncio.FIRST_COMPLETED)
            gap = time.monotonic() - beat
            if gap > connection.longest_pause(self._settings.session):
                raise Broken(f"stood still for {gap:.1f} s, while TOCSIN_SESSION ran out: starting afresh")
            if self._contact.lost(time.monotonic()) is not self._cut:
                await self._turn()
            beat = time.monotonic()
        for part in ended:
            part.result()

    async def _turn(self) -> None:
        """Stop polling where the lease may have run out, and go on where it is certain again."""
        self._cut = not self._cut
        if not self._cut:
            log.info("Kafka answers again, and the lease is ours: polling goes on")
            self.changed.set()
            return
        log.warning(
            "Kafka does not confirm the lease, so the lease runs out: others may poll, and polling rests until it does",
            silent_seconds=round(self._contact.silence(time.monotonic()), 1),
            **unconfirmed(self._refusal)._asdict(),
        )
        await self._rest()

    async def _ask(self, consumer: AIOKafkaConsumer) -> None:
        """Ask the coordinator what costs it nothing, twice for each sign of life, to know that it hears us."""
        while True:
            asked = time.monotonic()
            try:
                await consumer.committed(TopicPartition(TELEMETRY, 0))
            except KafkaError as why:  # silence is what is looked for
                self._refusal = why
            else:
                self._refusal = None
                self._contact.answered(asked, time.monotonic())
            await asyncio.sleep(connection.heartbeat(self._settings.session) / 2_000)

    async def on_partitions_revoked(self, revoked: set[Any]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] # noqa: ARG002
        """Stop polling before anybody else begins."""
        self._held = set()
        await self._rest()

    async def on_partitions_assigned(self, assigned: set[Any]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Hold these, and read nothing of them."""
        self._consumer.pause(*assigned)
        self._all = sorted(self._consumer.partitions_for_topic(TELEMETRY) or ())
        self._held = {place.partition for place in assigned}
        self._contact.joined(time.monotonic())
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
                    **(await hindrance(connection.client(self._settings), create_conn, why))._asdict(),
                )
                await asyncio.sleep(AGAIN)
            else:
                consumer.subscribe([TELEMETRY], listener=self)
                return consumer


def unconfirmed(refusal: KafkaError | None) -> Hindrance:
    """Why the lease is not certain, and what to do; `refusal`: None where Kafka said nothing at all."""
    why = told(refusal) if refusal else Hindrance("no answer", START)
    return why._replace(fix=AWAY) if why.fix == START else why


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
