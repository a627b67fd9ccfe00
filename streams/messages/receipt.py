"""What became of a notification, told to the team that caused it."""

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
