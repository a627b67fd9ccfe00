"""Whether the brokers of a Kafka have caught up with each other, as they say themselves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from tests.patience import PATIENCE

LOOK = 0.2


@dataclass(frozen=True)
class Copies:
    """One partition: the brokers that have it, those of them that have all of it, and the one that leads (-1: none)."""

    replicas: frozenset[int]
    in_sync: frozenset[int]
    leader: int


async def partitions(bootstrap: str) -> Mapping[tuple[str, int], Copies]:
    """All partitions of all topics, Kafka's own included, by topic and number."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        topics: list[Any] = await admin.describe_topics()
    finally:
        await admin.close()
    return {
        (topic["topic"], one["partition"]): Copies(
            frozenset(one["replicas"]), frozenset(one["isr"]), one["leader"]
        )
        for topic in topics
        for one in topic["partitions"]
    }


async def until_in_sync(bootstrap: str) -> None:
    """Return when every broker has all that it should have."""
    end = time.monotonic() + PATIENCE
    while lagging := await _lagging(bootstrap):
        assert time.monotonic() < end, f"never in sync again: {lagging[:3]}, and {len(lagging[3:])} more"
        await asyncio.sleep(LOOK)


async def _lagging(bootstrap: str) -> list[object]:
    try:
        known = await partitions(bootstrap)
    except (KafkaError, OSError) as why:  # the one that was asked was on its way up or down
        return [repr(why)]
    return [name for name, one in known.items() if one.replicas - one.in_sync or one.leader < 0]
