"""Gives topics more partitions in Kafka, and says so in the manifest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from streams.messages.manifest import Incarnation
from streams.signature import Signer
from streams.topics import MANIFEST


async def give_partitions(client: Mapping[str, Any], topics: Iterable[str], count: int) -> None:
    """Let each topic have so many partitions; one that has them already is left alone."""
    admin = AIOKafkaAdminClient(**client)
    await admin.start()
    try:
        described: list[Any] = await admin.describe_topics(list(topics))
        small = [topic["topic"] for topic in described if len(topic["partitions"]) < count]
        if small:
            await admin.create_partitions({topic: NewPartitions(count) for topic in small})
    finally:
        await admin.close()


async def publish(client: Mapping[str, Any], signer: Signer, incarnations: Iterable[Incarnation]) -> None:
    """Say in the manifest what topics are from now on; returns when it is acknowledged."""
    producer = AIOKafkaProducer(**client, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        for each in incarnations:
            await producer.send_and_wait(
                MANIFEST, signer.sign(each.encode(), MANIFEST), key=each.topic.encode()
            )
    finally:
        await producer.stop()
