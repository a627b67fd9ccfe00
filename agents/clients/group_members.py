"""Groups of Kafka's consumers, asked whether anybody is in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from streams.errors import Misconfigured


async def members(client: Mapping[str, Any], groups: Iterable[str]) -> dict[str, int]:
    """How many members each group has; groups without any are left out."""
    admin = AIOKafkaAdminClient(**client)
    await admin.start()
    try:  # one by one: aiokafka cannot read an answer about several groups
        answers: list[Any] = [await admin.describe_consumer_groups([group]) for group in groups]
    finally:
        await admin.close()
    described = [group for each in answers for answer in each for group in answer.groups]
    return {group[1]: len(group[5]) for group in described if group[5]}


async def refuse_running(client: Mapping[str, Any], stage: str, session: int) -> None:
    """Misconfigured while workers of a stage run, or have ended less than a session, in ms, ago."""
    if await members(client, [stage]):
        raise Misconfigured(
            f"{stage} still has workers: stop them, wait {session / 1_000:g} s, and try again"
        )


async def commit(client: Mapping[str, Any], group: str, offsets: Mapping[TopicPartition, int]) -> None:
    """Say, for a group without members, up to where it has read."""
    consumer = AIOKafkaConsumer(**client, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(list(offsets))
        await consumer.commit(dict(offsets))
    finally:
        await consumer.stop()
