"""Reading the manifest: a worker starts only when every topic that it needs is there, as our tool made it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from itertools import count
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.conn import create_conn
from aiokafka.errors import KafkaConnectionError

from streams.errors import Failure, Misconfigured
from streams.messages.manifest import Incarnation, newest
from streams.signature import Signer
from streams.text.hindrance import hindrance
from streams.topics import (
    CHANGES,
    CHANNELS,
    CONFIG,
    DEAD_LETTER,
    INBOX,
    MANIFEST,
    NOTIFY,
    STAGES,
    changelog,
    send,
)

log = logging.getLogger("tocsin.manifest")
AGAIN = 0.5  # seconds between two tries to reach Kafka
EVERY = 10  # tries of which one is worth a line
_SENDS = [send(channel, critical) for channel in CHANNELS for critical in (False, True)]
NEEDS = {
    "detect": [INBOX, CONFIG, DEAD_LETTER],
    "respond": [CHANGES, NOTIFY, CONFIG, DEAD_LETTER, INBOX],
    "deliver": [*_SENDS, INBOX, CHANGES, CONFIG, DEAD_LETTER],
}


async def reach(client: Mapping[str, Any]) -> AIOKafkaConsumer:
    """A connected consumer without a group; waits as long as Kafka is away, with a line every few seconds."""
    for number in count():
        consumer = AIOKafkaConsumer(
            **client, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest"
        )
        try:
            await consumer.start()
            return consumer
        except (KafkaConnectionError, OSError) as why:
            await consumer.stop()
            if number % EVERY == 0:
                reason = await hindrance(client, create_conn, why)
                log.warning(
                    "waiting for Kafka", extra={"kafka": client["bootstrap_servers"], **reason._asdict()}
                )
            await asyncio.sleep(AGAIN)
    raise AssertionError("it is tried for ever")


async def read(client: Mapping[str, Any], signer: Signer) -> dict[str, Incarnation]:
    """All that the manifest says, by topic; empty where the topic `manifest` does not exist."""
    consumer = await reach(client)
    try:
        if MANIFEST not in await consumer.topics():
            return {}
        where = TopicPartition(MANIFEST, 0)
        consumer.assign([where])
        end = (await consumer.end_offsets([where]))[where]
        records: list[Any] = []
        while await consumer.position(where) < end:
            records += (await consumer.getmany(timeout_ms=500)).get(where, [])
        return newest(records, signer, _refuse)
    finally:
        await consumer.stop()


def _refuse(record: Any, why: Failure) -> None:
    at = f"{MANIFEST}/{record.partition}/{record.offset}"
    words = "refused; the topic tool makes a dead letter of it at its next run"
    log.warning(words, extra={"record": at, "why": str(why)})


def verify(stage: str, manifest: Mapping[str, Incarnation], partitions: int) -> None:
    """Misconfigured where a topic of the stage is missing, or has other than `partitions` partitions.

    A stage that was given more has as many as the manifest says.
    """
    for topic in (STAGES[stage], changelog(stage), *NEEDS[stage]):
        if topic not in manifest:
            raise Misconfigured(
                f"topic {topic} is missing from the manifest: run `python -m deploy topics` first, or let this user "
                "read the manifest (`python -m deploy acls`)"
            )
    for topic in (STAGES[stage], changelog(stage)):
        if wanted := manifest[topic].growing_to:
            raise Misconfigured(
                f"{stage} is just being given {wanted} partitions: run `python -m agents partitions {stage} {wanted}` "
                "again, to its end"
            )
        if manifest[topic].partitions != partitions and not manifest[topic].counted_from:
            raise Misconfigured(
                f"topic {topic} has {manifest[topic].partitions} partitions and TOCSIN_PARTITIONS says {partitions}: "
                f"set it to {manifest[topic].partitions}; `tocsin partitions` gives a stage more"
            )
