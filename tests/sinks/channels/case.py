"""What a channel brings to the contract suite: a real receiver, what it makes of answers, and an oracle."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from sinks.channel import Channel
from sinks.channels.registry import REGISTRY
from sinks.channels.resources import Resources
from streams.outcome_code import OutcomeCode
from tests.sinks.receiver import Receiver, Request

HANG_UP = ""  # the receiver takes the message and hangs up without an answer
WHATS = (
    "firing",
    "escalated",
    "reminder",
    "acknowledged",
    "resolved",
    "summary",
    "test",
    "code",
    "hand_off",
    "report",
    "bundle",
)


class Place(Protocol):
    """A real receiver of a channel, in this process."""

    def endpoint(self) -> dict[str, Any]:
        """An endpoint document that leads to it, secrets in plain text."""
        ...

    def answer(self, script: str) -> None:
        """What it says from now on."""
        ...

    def messages(self) -> list[Any]:
        """What it got, oldest first."""
        ...

    def channel(self, shared: Resources) -> Channel:
        """The sender, as production makes it."""
        ...


@dataclass(frozen=True)
class Row:
    """One row of a channel's status table: what the receiver says, and what has to come of it."""

    script: str
    result: type
    code: OutcomeCode
    after_ms: int | None = None


@dataclass(frozen=True)
class Case:
    """One channel under contract. `oracle` raises where a message is none of the provider's."""

    place: Callable[[], AbstractAsyncContextManager[Place]]
    oracle: Callable[[Any], None]
    secrets: tuple[str, ...] = ()
    table: tuple[Row, ...] = ()
    http: bool = True
    hangs_up: bool = True  # whether the receiver can take a message and then say nothing
    identity: Callable[[Any], Any] | None = None  # what the provider knows a repeat by; None: it knows none


@dataclass
class HttpPlace:
    """An HTTP receiver behind a channel. `fields`: of the endpoint, from the receiver's address."""

    name: str
    receiver: Receiver
    fields: Callable[[Receiver], dict[str, Any]]
    requests: list[Request] = field(default_factory=list)

    def endpoint(self) -> dict[str, Any]:
        """An endpoint document that leads here."""
        return {"name": "place", "channel": self.name, **self.fields(self.receiver)}

    def answer(self, script: str) -> None:
        """A whole HTTP response."""
        self.receiver.answer = script

    def messages(self) -> list[Request]:
        """The requests that came."""
        return self.receiver.got

    def channel(self, shared: Resources) -> Channel:
        """The sender, as production makes it."""
        return REGISTRY[self.name](shared)


def http_place(
    name: str, fields: Callable[[Receiver], dict[str, Any]], accepted: str
) -> Callable[[], AbstractAsyncContextManager[Place]]:
    """What opens an HTTP receiver that accepts until it is told otherwise."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Place]:
        async with Receiver(answer=accepted).listening() as receiver:
            yield HttpPlace(name, receiver, fields)

    return opened
