"""Which life of the topic `changes` this is, as our topic tool has written it into the manifest."""

from __future__ import annotations

from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from sinks.runtime.kafka import connect
from streams import connection
from streams.messages.manifest import newest
from streams.settings import Settings
from streams.signature import Signer
from streams.topics import MANIFEST


async def incarnation(settings: Settings, signer: Signer, topic: str) -> str:
    """The id that the tool gave `topic` when it made it; empty where the manifest does not say."""
    consumer = await connect(settings, lambda: AIOKafkaConsumer(**connection.client(settings)))
    try:
        return await _newest(consumer, signer, topic)
    finally:
        await consumer.stop()


async def _newest(consumer: AIOKafkaConsumer, signer: Signer, topic: str) -> str:
    where, records = TopicPartition(MANIFEST, 0), list[Any]()
    consumer.assign([where])
    await consumer.seek_to_beginning(where)
    end = (await consumer.end_offsets([where]))[where]
    while await consumer.position(where) < end:
        records += (await consumer.getmany(timeout_ms=200)).get(where, [])
    known = newest(records, signer).get(topic)
    return known.incarnation if known else ""
