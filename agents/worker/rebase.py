"""Rebase: an operator's word that a stage's rows go on with the log that there is now.

A worker refuses to go on where its rows and its log do not belong together: a log that ends below what was
applied, another incarnation of the topic, or rows that are gone. After somebody has looked into it, this
writes one record per partition: the rows belong to this incarnation from its first offset on, and the machine's
own numbering goes on at a number that no log has ever reached, so that no output gets a name twice.
"""

from __future__ import annotations

import time
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from agents.clients.fence import FencedProducer
from agents.clients.manifest import read, verify
from agents.partition.log_identity import MARK, LogIdentity
from streams.connection import client
from streams.errors import Misconfigured
from streams.settings import Settings
from streams.signature import Signer
from streams.topics import STAGES, changelog


async def rebase(stage: str, settings: Settings, signer: Signer) -> list[str]:
    """Rebase all partitions of a stage; a line for each. Misconfigured while one of its workers runs."""
    connection = client(settings)
    manifest = await read(connection, signer)
    verify(stage, manifest, settings.partitions)
    await _refuse_running(stage, settings)
    begins = await _begins(STAGES[stage], settings)
    start = time.time_ns() // 1_000_000
    lines = []
    for partition, begin in begins.items():
        identity = LogIdentity(manifest[STAGES[stage]].incarnation, start - begin, start)
        producer = await FencedProducer.start(connection, changelog(stage), partition)
        await (await producer.send(MARK, identity.encode()))
        await producer.stop()
        lines.append(f"{STAGES[stage]}-{partition}: goes on at offset {begin}, which counts as {start}")
    return lines


async def _refuse_running(stage: str, settings: Settings) -> None:
    admin = AIOKafkaAdminClient(**client(settings))
    await admin.start()
    try:
        answers: list[Any] = await admin.describe_consumer_groups([stage])
        for answer in answers:
            for group in answer.groups:
                if group[5]:
                    raise Misconfigured(
                        f"{stage} still has workers: stop them, wait {settings.session / 1_000:g} s, and try again"
                    )
    finally:
        await admin.close()


async def _begins(topic: str, settings: Settings) -> dict[int, int]:
    consumer = AIOKafkaConsumer(**client(settings), group_id=None)
    await consumer.start()
    try:
        where = [TopicPartition(topic, p) for p in range(settings.partitions)]
        offsets = await consumer.beginning_offsets(where)
        return {tp.partition: offsets[tp] for tp in where}
    finally:
        await consumer.stop()
