"""Where emitted events go: the topic `telemetry`, keyed by gateway like all that is said of it."""

from __future__ import annotations

from typing import Protocol

from api.commands.producer import ConfirmedProducer
from streams.messages.event import Event
from streams.signature import Signer
from streams.topics import TELEMETRY


class Events(Protocol):
    """What takes an event; when `send` returns, the event is kept for good."""

    async def send(self, event: Event) -> None:
        """Hand the event over; Unavailable where nobody takes it, Unconfirmed where nobody says so in time."""
        ...


class KafkaEvents:
    """The real one: signed with the gateway's key, which may be required of everybody."""

    def __init__(self, producer: ConfirmedProducer, signer: Signer) -> None:
        """`signer`: with the system's keys, from which those of gateways derive."""
        self._producer, self._signer = producer, signer

    async def send(self, event: Event) -> None:
        """Sign and produce, in three seconds at most."""
        raw = self._signer.of(event.gateway).sign(event.encode(), TELEMETRY)
        await self._producer.send(TELEMETRY, event.gateway, raw, event.id)
