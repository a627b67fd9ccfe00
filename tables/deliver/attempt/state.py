"""What is remembered of one attempt, for the record and until its notification is forgotten."""

from __future__ import annotations

import msgspec

from streams.messages.attempt import Outcome, Result
from tables.deliver.dispatch.state import OUTCOME_TIMEOUT, RETENTION
from tables.kernel.clock import Moment


class Attempted(msgspec.Struct, frozen=True):
    """The row of an attempt. `result` None: no outcome has come; `retained_until`: ms on the active clock."""

    channel: str
    sent_at: int  # ms UTC
    retained_until: int
    result: Result | None = None
    reason: str = ""
    took: int = 0  # ms


def begin(channel: str, moment: Moment) -> Attempted:
    """An attempt that is made now."""
    return Attempted(channel, moment.now, moment.active + OUTCOME_TIMEOUT + RETENTION)


def on_outcome(attempted: Attempted, outcome: Outcome) -> Attempted:
    """The attempt with what it brought."""
    kept = attempted.retained_until
    return Attempted(
        attempted.channel, attempted.sent_at, kept, outcome.result, outcome.reason[:500], outcome.took
    )


def deadline(attempted: Attempted) -> int | None:
    """When its row ends, ms on the active clock."""
    return attempted.retained_until
