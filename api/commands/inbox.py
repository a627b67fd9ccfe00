"""Where commands go: the topic `inbox`, keyed by team, so that one team's alerts and edits are one ordered log."""

from __future__ import annotations

from typing import Protocol

from api.commands.producer import ConfirmedProducer
from streams.errors import Unavailable
from streams.messages.command import Command
from streams.signature import Signer
from streams.topics import INBOX


class Inbox(Protocol):
    """What takes a command; when `send` returns, the command is kept for good."""

    async def send(self, command: Command) -> None:
        """Hand the command over; Unavailable where nobody takes it, Unconfirmed where nobody says so in time."""
        ...

    async def stop(self) -> None:
        """Close the connection."""
        ...


class KafkaInbox:
    """The real one: only what the system has signed is obeyed."""

    def __init__(self, producer: ConfirmedProducer, signer: Signer) -> None:
        """`signer`: with the system's keys."""
        self._producer, self._signer = producer, signer

    async def send(self, command: Command) -> None:
        """Sign and produce, in three seconds at most."""
        raw = self._signer.sign(command.encode(), INBOX)
        await self._producer.send(INBOX, command.team, raw, command.id)

    async def stop(self) -> None:
        """Close the connection."""
        await self._producer.stop()


class ClosedInbox:
    """What stands there while alerting is switched off: nobody would decide a command before its deadline."""

    async def send(self, command: Command) -> None:
        """Unavailable, with the setting that would change it."""
        words = f"alerting is switched off, so nobody decides this ({command.action.do})"
        raise Unavailable(f"{words}: set MCPGATEWAY_ALERTING_ENABLED=true")

    async def stop(self) -> None:
        """There is nothing to close."""
