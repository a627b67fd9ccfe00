"""Where emitted events and pushed samples go: the topic `telemetry`, keyed by gateway like all that is said of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from api.commands.producer import ConfirmedProducer
from streams.messages.event import Event
from streams.signature import Signer
from streams.topics import TELEMETRY


class Events(Protocol):
    """What takes an event, or samples; when a method returns, they are kept for good."""

    async def send(self, event: Event) -> None:
        """Hand the event over; Unavailable where nobody takes it, Unconfirmed where nobody says so in time."""
        ...

    async def push(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Hand over `samples` messages, each with its gateway; raises as `send` where one of them is not kept."""
        ...


TOGETHER = 50  # messages that are under way at once


class KafkaEvents:
    """The real one: signed with the gateway's key, which may be required of everybody."""

    def __init__(self, producer: ConfirmedProducer, signer: Signer) -> None:
        """`signer`: with the system's keys, from which those of gateways derive."""
        self._producer, self._signer = producer, signer

    async def send(self, event: Event) -> None:
        """Sign and produce, in three seconds at most."""
        raw = self._signer.of(event.gateway).sign(event.encode(), TELEMETRY)
        await self._producer.send(TELEMETRY, event.gateway, raw, event.id)

    async def push(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Sign and produce, in order; some are under way at once, so that others have their turn between."""
        for first in range(0, len(messages), TOGETHER):
            sends = [self._push(gateway, raw) for gateway, raw in messages[first : first + TOGETHER]]
            for outcome in await asyncio.gather(*sends, return_exceptions=True):
                if isinstance(outcome, BaseException):
                    raise outcome

    async def _push(self, gateway: str, raw: bytes) -> None:
        signed = self._signer.of(gateway).sign(raw, TELEMETRY)
        await self._producer.send(TELEMETRY, gateway, signed, "")
