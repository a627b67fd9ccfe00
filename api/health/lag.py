"""How far each stage, sink and the projection stand behind the end of what they read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.conn import create_conn
from aiokafka.errors import KafkaError

from streams.text.hindrance import hindrance
from streams.topics import CHANGES, CHANNELS, STAGES, TOPICS, send

GROUPS: dict[str, tuple[str, ...]] = {
    **{stage: (topic,) for stage, topic in STAGES.items()},
    **{f"sink-{channel}": (send(channel, True), send(channel, False)) for channel in CHANNELS},
}
PROJECTION = "history"
TIMEOUT = 5.0  # seconds
LATE_AFTER = 60_000  # ms; a reader that has not taken what is older is late, however few records that are


class Behind(NamedTuple):
    """One reader of one partition. `taken`: the next offset that it will read, None before its first.

    `old`: the first offset that is younger than a minute; all below it should have been taken.
    """

    group: str
    topic: str
    partition: int
    taken: int | None
    end: int
    old: int = 0

    @property
    def late(self) -> bool:
        """Whether it has left something untaken for over a minute: it is frozen, dead or overwhelmed."""
        return (self.taken or 0) < self.old

    @property
    def behind(self) -> int:
        """Records that it has still to take."""
        return max(0, self.end - (self.taken or 0))


class Watch(Protocol):
    """What knows the broker."""

    async def reachable(self) -> str:
        """Empty where the broker answers, else why not."""
        ...

    async def lag(self, projected: Mapping[int, int]) -> list[Behind]:
        """Every reader's place; `projected`: the projection's next offset by partition of `changes`."""
        ...


class KafkaWatch:
    """The real one; it connects for each look, since a look is rare and a broker may have moved."""

    def __init__(self, client: Mapping[str, Any]) -> None:
        """`client`: how to connect."""
        self._client = {**client, "request_timeout_ms": int(TIMEOUT * 1000)}

    async def reachable(self) -> str:
        """Ask for the cluster's topics, and compare them with ours."""
        try:
            async with asyncio.timeout(TIMEOUT), self._admin() as admin:
                there = set(await admin.list_topics())
        except (KafkaError, OSError, TimeoutError) as why:
            return f"the broker does not answer: {await hindrance(self._client, create_conn, why)}"
        missing = [topic.name for topic in TOPICS if topic.name not in there]
        return (
            f"topics are missing ({', '.join(missing)}): make them with `python -m deploy topics`"
            if missing
            else ""
        )

    async def lag(self, projected: Mapping[int, int]) -> list[Behind]:
        """Committed offsets against ends."""
        async with asyncio.timeout(2 * TIMEOUT), self._admin() as admin:
            taken = await _committed(admin)
            places = await partitions(admin, READ)
        async with asyncio.timeout(2 * TIMEOUT):
            ends, old = await self._ends(places)
        return [
            reader._replace(old=old[TopicPartition(reader.topic, reader.partition)])
            for reader in behind(taken, ends, projected)
        ]

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(**self._client)
        try:
            await admin.start()
            yield admin
        finally:
            await admin.close()

    async def _ends(
        self, places: list[TopicPartition]
    ) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int]]:
        consumer = AIOKafkaConsumer(**self._client)
        try:
            await consumer.start()
            ends = dict(await consumer.end_offsets(places)) if places else {}
            since = int(time.time() * 1_000) - LATE_AFTER
            young = await consumer.offsets_for_times(dict.fromkeys(places, since)) if places else {}
            return ends, {
                place: record.offset if (record := young.get(place)) else ends[place] for place in places
            }
        finally:
            await consumer.stop()


async def _committed(admin: AIOKafkaAdminClient) -> dict[str, dict[TopicPartition, int]]:
    every = await asyncio.gather(*(admin.list_consumer_group_offsets(group) for group in GROUPS))
    return {
        group: {place: meta.offset for place, meta in offsets.items() if meta.offset >= 0}
        for group, offsets in zip(GROUPS, every, strict=True)
    }


async def partitions(admin: AIOKafkaAdminClient, topics: Iterable[str]) -> list[TopicPartition]:
    """Every partition of the topics that exist, in order."""
    described = await admin.describe_topics(sorted(topics))
    return sorted(
        TopicPartition(topic["topic"], p["partition"]) for topic in described for p in topic["partitions"]
    )


READ = frozenset({CHANGES, *(topic for topics in GROUPS.values() for topic in topics)})


def behind(
    taken: Mapping[str, Mapping[TopicPartition, int]],
    ends: Mapping[TopicPartition, int],
    projected: Mapping[int, int],
) -> list[Behind]:
    """Every reader against every partition that it reads."""
    readers = [
        Behind(group, place.topic, place.partition, taken.get(group, {}).get(place), end)
        for group, topics in GROUPS.items()
        for place, end in ends.items()
        if place.topic in topics
    ]
    changes = sorted((place, end) for place, end in ends.items() if place.topic == CHANGES)
    return readers + [
        Behind(PROJECTION, CHANGES, place.partition, projected.get(place.partition), end)
        for place, end in changes
    ]
