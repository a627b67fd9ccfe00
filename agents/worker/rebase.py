"""Rebase: an operator's word that a stage's rows go on with the log that there is now.

A worker refuses to go on where its rows and its log do not belong together: a log that ends below what was
applied, another incarnation of the topic, or rows that are gone. After somebody has looked into it, this
writes one record per partition: the rows belong to this incarnation from its first offset on, and the machine's
own numbering goes on at a number that no log has ever reached, so that no output gets a name twice.
"""

from __future__ import annotations

from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.clients.fence import FencedProducer
from agents.clients.group_members import refuse_running
from agents.clients.manifest import read, verify
from agents.clock import wall
from agents.partition.log_identity import MARK, LogIdentity
from streams.connection import client
from streams.settings import Settings
from streams.signature import Signer
from streams.topics import STAGES, changelog


async def rebase(stage: str, settings: Settings, signer: Signer) -> list[str]:
    """Rebase all partitions of a stage; a line for each. Misconfigured while one of its workers runs."""
    connection = client(settings)
    manifest = await read(connection, signer)
    verify(stage, manifest, settings.partitions)
    await refuse_running(connection, stage, settings.session)
    begins = await _begins(STAGES[stage], manifest[STAGES[stage]].partitions, settings)
    start, lines = wall(), list[str]()
    for partition, begin in begins.items():
        identity = LogIdentity(manifest[STAGES[stage]].incarnation, start - begin, start)
        producer = await FencedProducer.start(connection, changelog(stage), partition)
        await producer.write([(MARK, identity.encode())])
        await producer.stop()
        lines.append(f"{STAGES[stage]}-{partition}: goes on at offset {begin}, which counts as {start}")
    return lines


async def _begins(topic: str, partitions: int, settings: Settings) -> dict[int, int]:
    consumer = AIOKafkaConsumer(**client(settings), group_id=None)
    await consumer.start()
    try:
        where = [TopicPartition(topic, p) for p in range(partitions)]
        offsets = await consumer.beginning_offsets(where)
        return {tp.partition: offsets[tp] for tp in where}
    finally:
        await consumer.stop()
