"""Where commands go: the topic `inbox`, keyed by team, so that one team's alerts and edits are one ordered log."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Protocol

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from streams.errors import Unavailable, Unconfirmed
from streams.messages.command import Command
from streams.signature import Signer
from streams.topics import INBOX

log = structlog.get_logger()
CONNECT, CONFIRM = 1.5, 1.5  # seconds for the broker to answer, and then to confirm: a person waits


class Inbox(Protocol):
    """What takes a command; when `send` returns, the command is kept for good."""

    async def send(self, command: Command) -> None:
        """Hand the command over; Unavailable where nobody takes it, Unconfirmed where nobody says so in time."""
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
        """Sign and produce, in three seconds at most.

        The broker is asked first whether it is there. Where it is not, nothing is handed over, so nothing can take
        effect later: the producer goes on trying for ever, and knows no way to take a message back.
        """
        raw, key = self._signer.sign(command.encode(), INBOX), command.team.encode()
        try:
            async with asyncio.timeout(CONNECT):
                producer = await self._started()
                if not await producer.client.force_metadata_update():
                    raise Unavailable(AWAY)
                sent = await producer.send(INBOX, raw, key=key)
        except (TimeoutError, KafkaError, OSError) as why:
            raise Unavailable(f"{AWAY} ({type(why).__name__})") from None
        done, _ = await asyncio.wait([sent], timeout=CONFIRM)
        if not done:
            sent.add_done_callback(_heard)
            raise Unconfirmed(command.id)
        _confirm(sent)

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
        """Close the connection; what the broker does not take in a moment is given up."""
        if self._producer is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(CONFIRM):
                    await self._producer.stop()


AWAY = "the broker does not take the command: nothing was changed; try again shortly"


def _confirm(sent: asyncio.Future[Any]) -> None:
    """Unavailable where the broker has refused a message for good."""
    if (why := sent.exception()) is not None:
        raise Unavailable(f"{AWAY} ({type(why).__name__})") from None


def _heard(sent: asyncio.Future[Any]) -> None:
    """Take note of what becomes of a message that nobody waits for any more, or asyncio complains."""
    if not sent.cancelled() and (why := sent.exception()) is not None:
        log.warning("a command that was not confirmed has failed", why=type(why).__name__)
