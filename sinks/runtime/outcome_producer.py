"""Publishes outcomes to deliver, and dead letters of what cannot be read; both return once the brokers have it."""

from __future__ import annotations

import asyncio
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError

from sinks.runtime.broker_clock import BrokerClock
from sinks.runtime.kafka import RepeatedWarning
from streams.messages.attempt import Outcome
from streams.messages.dead_letter import Origin, letter
from streams.signature import Signer
from streams.topics import DEAD_LETTER, NOTIFY

BROKERS = 1  # what a client calls a stamp that is the brokers' and not the sender's


class OutcomeProducer:
    """A producer that does not give up while the broker is away. `clock`: the brokers', as acknowledgements show it."""

    def __init__(self, producer: AIOKafkaProducer, signer: Signer) -> None:
        """`producer`: started, idempotent."""
        self._producer, self._signer = producer, signer
        self._warning, self.clock = RepeatedWarning(), BrokerClock()

    async def publish(self, outcome: Outcome) -> None:
        """Publish what a call brought, keyed as the attempt was."""
        await self._send(NOTIFY, outcome.to.encode(), self._signer.sign(outcome.encode(), NOTIFY), [])

    async def dead_letter(self, record: Any, reason: str) -> None:
        """Put a record that we cannot read into the dead-letter topic, in the form that can be re-driven."""
        origin = Origin(record.topic, record.partition, record.offset, record.key, record.value or b"")
        dead = letter(origin, "", "sender", reason)
        await self._send(DEAD_LETTER, dead.key, dead.value, [*dead.headers, ("origin", dead.key)])

    async def _send(self, topic: str, key: bytes, value: bytes, headers: list[tuple[str, bytes]]) -> None:
        """Send until it is acknowledged: what is said twice carries the same id, what is not said is lost."""
        while True:
            before = self.clock.host()
            try:
                record = await self._producer.send_and_wait(topic, value, key=key, headers=headers)
            except KafkaError as why:
                # aiokafka calls a time-out final
                if not (why.retriable or isinstance(why, KafkaTimeoutError)):
                    raise
                self._warning.log("Kafka takes no messages; trying again", topic=topic, why=str(why))
                await asyncio.sleep(0.5)
            else:
                if record.timestamp_type == BROKERS:
                    self.clock.observe(before, record.timestamp, self.clock.host())
                return
