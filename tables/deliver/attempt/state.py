"""What is remembered of one attempt until its notification is forgotten: that it was made; `changes` has the rest."""

from __future__ import annotations

import msgspec

from streams.messages.attempt import Result
from tables.deliver.dispatch.state import OUTCOME_TIMEOUT, RETENTION
from tables.kernel.clock import Moment


class Attempted(msgspec.Struct, frozen=True):
    """The row of an attempt. `retained_until`: ms on the active clock.

    `result`, `reason`, `took`: what rows of 0.1 have kept of the outcome; they are read, and no longer written.
    """

    channel: str
    sent_at: int  # ms UTC
    retained_until: int
    result: Result | None = None
    reason: str = ""
    took: int = 0  # ms


def begin(channel: str, moment: Moment) -> Attempted:
    """An attempt that is made now."""
    return Attempted(channel, moment.now, moment.active + OUTCOME_TIMEOUT + RETENTION)


def deadline(attempted: Attempted) -> int | None:
    """When its row ends, ms on the active clock."""
    return attempted.retained_until
