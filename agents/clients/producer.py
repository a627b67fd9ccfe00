"""The output producer: sends what machines emit, and what workers inject into their own partitions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer

from agents.clients.batches import Headers, PartitionBatches, Sent, Turns
from agents.clients.bootstrap import answering
from agents.clients.partitioner import partition_of
from streams.messages.dead_letter import Origin, letter
from streams.messages.envelope import LARGEST
from streams.topics import DEAD_LETTER
from tables.kernel.output import Output

log = logging.getLogger("tocsin.producer")


class OutputProducer:
    """One idempotent producer for all partitions of a worker; the order of sending is the order in the topic."""

    def __init__(self, client: Mapping[str, Any]) -> None:
        """`client`: how every client of Kafka connects."""
        self._client = client
        self._producer: AIOKafkaProducer | None = None
        self._batches: dict[tuple[str, int], PartitionBatches] = {}
        self._turns = Turns()
        self._starting = asyncio.Lock()

    async def start(self) -> None:
        """Connect; starting twice is starting once."""
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **await answering(self._client),
                    acks="all",
                    enable_idempotence=True,
                    linger_ms=0,
                    max_batch_size=1 << 18,
                )
                await producer.start()
                self._producer = producer

    async def send(self, outputs: Sequence[Output], origin: Origin, stamp: int) -> list[Sent]:
        """Hand over all that one input caused; the futures, one a batch, are done when all replicas have it.

        `stamp`: ms UTC of the input. It is the outputs' too, where the broker does not set its own.
        """
        first = next((output for output in outputs if output.topic == DEAD_LETTER), None)
        sent = [await self._send_output(output, origin, stamp, output is first) for output in outputs]
        return list(dict.fromkeys(sent))

    async def inject(self, topic: str, partition: int, raw: bytes, stamp: int) -> None:
        """Put one message of our own into a partition's log and wait for the acknowledgement; `stamp`: ms UTC."""
        batches = self._batches_of(topic, partition)
        await (await batches.put(None, raw, stamp, at_once=True))  # the next one waits for it

    async def stop(self) -> None:
        """Send what was handed over, and close."""
        if self._producer is not None:
            await asyncio.gather(*(batches.flush() for batches in self._batches.values()))
            await self._producer.stop()

    async def _send_output(self, output: Output, origin: Origin, stamp: int, first: bool) -> Sent:
        """`first`: whether it is the first dead letter of its input."""
        if len(output.raw) > LARGEST:  # a bug of ours must not stop the partition for ever
            log.error(
                "an output is too large", extra={"alarm": True, "id": output.id, "bytes": len(output.raw)}
            )
            output = Output(
                DEAD_LETTER, "", output.id, b"", f"ours: output of {len(output.raw)} bytes for {output.topic}"
            )
        if output.topic == origin.topic and not output.key:  # to the machine itself
            return await self._send(output.topic, output.raw, None, stamp, origin.partition)
        if output.topic != DEAD_LETTER:
            return await self._send(output.topic, output.raw, output.key, stamp)
        log.warning("dead letter", extra={"id": output.id, "reason": output.reason[:300]})
        fault, _, reason = output.reason.partition(": ")
        dead = letter(origin, output.id, fault, reason, first, output.code)
        return await self._send(DEAD_LETTER, dead.value, dead.key.decode(), stamp, headers=dead.headers)

    async def _send(
        self, topic: str, raw: bytes, key: str | None, stamp: int, partition: int = -1, headers: Headers = ()
    ) -> Sent:
        """`partition`: where it goes whatever its key; else the key says."""
        assert self._producer is not None, "the producer has not been started"
        if partition < 0:
            partition = partition_of(key or "", len(await self._producer.partitions_for(topic)))
        return await self._batches_of(topic, partition).put(
            key.encode() if key else None, raw, stamp, headers
        )

    def _batches_of(self, topic: str, partition: int) -> PartitionBatches:
        assert self._producer is not None, "the producer has not been started"
        batches = self._batches.get((topic, partition))
        if batches is None:
            batches = PartitionBatches(self._producer, topic, partition, self._turns)
            self._batches[topic, partition] = batches
        return batches
