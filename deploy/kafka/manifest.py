"""The topic `manifest` as its one writer sees it: read, said, and rid of what others have put there."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from streams.errors import Failure
from streams.messages.dead_letter import Origin, fault, letter
from streams.messages.manifest import Incarnation, newest
from streams.signature import Signer
from streams.topics import DEAD_LETTER, MANIFEST

log = logging.getLogger("tocsin.topics")


class Manifest:
    """One visit: `read`, then `say`. What is not ours becomes a dead letter, once: it is replaced."""

    def __init__(self, client: Mapping[str, Any], signer: Signer) -> None:
        """`client`: how every client of Kafka connects."""
        self._client, self._signer = client, signer
        self._refused: list[tuple[Any, Failure]] = []

    async def read(self) -> dict[str, Incarnation]:
        """The newest incarnation of each topic; Forged where our keys are not those that signed the manifest."""
        consumer = AIOKafkaConsumer(**self._client, group_id=None, auto_offset_reset="earliest")
        await consumer.start()
        try:
            where, records = TopicPartition(MANIFEST, 0), list[Any]()
            consumer.assign([where])
            end = (await consumer.end_offsets([where]))[where]
            while await consumer.position(where) < end:
                records += (await consumer.getmany(timeout_ms=500)).get(where, [])
            return newest(records, self._signer, lambda *each: self._refused.append(each))
        finally:
            await consumer.stop()

    def again(self, known: Mapping[str, Incarnation], new: Collection[str]) -> list[Incarnation]:
        """What has to be said once more, since a compaction would keep the stranger's record in its stead."""
        covered = {(record.key or b"").decode(errors="replace") for record, _ in self._refused}
        return [known[name] for name in sorted(covered - set(new)) if name in known]

    async def say(self, incarnations: Sequence[Incarnation]) -> None:
        """Dead-letter what was refused, say what is, and delete what lies under no topic's name."""
        signed = {each.topic.encode(): self._signer.sign(each.encode(), MANIFEST) for each in incarnations}
        strange = {record.key for record, _ in self._refused if record.key} - signed.keys()
        producer = AIOKafkaProducer(**self._client, acks="all", enable_idempotence=True)
        await producer.start()
        try:
            for record, why in self._refused:
                await _dead_letter(producer, record, why)
            for key, raw in [*signed.items(), *((key, None) for key in sorted(strange))]:
                await producer.send_and_wait(MANIFEST, raw, key=key)
        finally:
            await producer.stop()


async def _dead_letter(producer: AIOKafkaProducer, record: Any, why: Failure) -> None:
    origin = Origin(MANIFEST, record.partition, record.offset, record.key, record.value or b"")
    dead = letter(origin, f"{MANIFEST}!{record.offset}!", fault(why), str(why))
    log.warning("dead letter: %s/%s: %s", MANIFEST, record.offset, why)
    await producer.send_and_wait(DEAD_LETTER, dead.value, key=dead.key, headers=dead.headers)
