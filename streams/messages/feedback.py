"""What deliver tells itself, so that what lies upstream hears of what lies downstream only as a message."""

from __future__ import annotations

from streams.messages.envelope import Message


class BundleOver(Message, frozen=True, kw_only=True, tag="bundle_over"):
    """A bundle was delivered, or will not be tried again: each notification that it stood for is over too.

    `first`, `last`: of their numbers in the queue; `composed`: the input at which the bundle was put together.
    """

    to: str
    queue: str
    first: int
    last: int
    composed: int
    delivered: bool
    transient: bool
    code: str
    reason: str


class MissingOutcome(Message, frozen=True, kw_only=True, tag="missing_outcome"):
    """No outcome of an attempt came within its time."""

    to: str
