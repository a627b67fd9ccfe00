"""What a provider calls the message of a group, so that later notifications are put in its place or below it."""

from __future__ import annotations

import msgspec

from tables.kernel.clock import Moment

RETENTION = 14 * 86_400_000  # ms on the active clock without a new notification after which it is forgotten


class Thread(msgspec.Struct, frozen=True):
    """The row of a thread. `retained_until`: ms on the active clock."""

    reference: str
    retained_until: int


def remember(reference: str, moment: Moment) -> Thread:
    """The thread of a reference that an outcome brought."""
    return Thread(reference, moment.active + RETENTION)


def deadline(thread: Thread) -> int | None:
    """When it is forgotten."""
    return thread.retained_until
