"""Where what a provider says later of a notification goes: the topic `notify`, as a sink's outcome does."""

from __future__ import annotations

from typing import Protocol

from api.commands.producer import ConfirmedProducer
from streams.errors import Unavailable
from streams.messages.attempt import Outcome
from streams.signature import Signer
from streams.topics import NOTIFY


class Outcomes(Protocol):
    """What takes an outcome; when `send` returns, it is kept for good."""

    async def send(self, outcome: Outcome) -> None:
        """Hand it over; Unavailable where nobody takes it, Unconfirmed where nobody says so in time."""
        ...


class KafkaOutcomes:
    """The real one: only what the system has signed is believed."""

    def __init__(self, producer: ConfirmedProducer, signer: Signer) -> None:
        """`signer`: with the system's keys."""
        self._producer, self._signer = producer, signer

    async def send(self, outcome: Outcome) -> None:
        """Sign and produce, in three seconds at most."""
        await self._producer.send(NOTIFY, outcome.to, self._signer.sign(outcome.encode(), NOTIFY), outcome.id)


class NoOutcomes:
    """What stands there where the process has no broker."""

    async def send(self, outcome: Outcome) -> None:
        """Unavailable: it is not kept."""
        raise Unavailable(f"nobody takes what became of {outcome.notification}")
