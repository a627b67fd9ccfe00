"""Where commands go: the topic `inbox`, keyed by team, so that one team's alerts and edits are one ordered log."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from aiokafka import AIOKafkaProducer

from streams.messages.command import Command
from streams.signature import Signer
from streams.topics import INBOX


class Inbox(Protocol):
    """What takes a command; when `send` returns, the command is kept for good."""

    async def send(self, command: Command) -> None:
        """Hand the command over; raises what the broker's client raises where nobody takes it."""
        ...

    async def stop(self) -> None:
        """Close the connection."""
        ...


class KafkaInbox:
    """The real one: an idempotent producer that waits for every replica in sync."""

    def __init__(self, client: dict[str, Any], signer: Signer) -> None:
        """`client`: how to connect (`streams.connection.client`); the producer starts with the first command."""
        self._client, self._signer = client, signer
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def send(self, command: Command) -> None:
        """Sign and produce; at most five seconds, for a person waits."""
        producer = await self._started()
        await producer.send_and_wait(
            INBOX, self._signer.sign(command.encode(), INBOX), key=command.team.encode()
        )

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **self._client, acks="all", enable_idempotence=True, request_timeout_ms=5_000, linger_ms=0
                )
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    async def stop(self) -> None:
        """Close the connection."""
        if self._producer is not None:
            await self._producer.stop()
