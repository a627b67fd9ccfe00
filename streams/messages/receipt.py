"""What became of a notification: told to the team that caused it, and what deliver tells itself of its own.

What lies upstream hears of what lies downstream only as a message.
"""

from __future__ import annotations

from typing import Literal

from streams.messages.envelope import Message
from streams.messages.notification import Purpose


class Receipt(Message, frozen=True, kw_only=True, tag="receipt"):
    """What became of a notification. Key: team."""

    team: str
    group: str
    to: str
    notification: str
    result: Literal["delivered", "failed", "cancelled"]
    what: Purpose
    transient: bool = False  # failed for now only: the same endpoint may be reached later
    reason: str


class BundleOver(Message, frozen=True, kw_only=True, tag="bundle_over"):
    """A bundle was delivered, or will not be tried again: each notification that it stood for is over too.

    `first`, `last`: of their numbers in the queue; `composed`: the input at which the bundle was put together;
    `bundle`: the id of its notification.
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
    bundle: str = ""


class MissingOutcome(Message, frozen=True, kw_only=True, tag="missing_outcome"):
    """No outcome of an attempt came within its time."""

    to: str
