"""What somebody has acknowledged at a provider stays silent there, whatever is added to it, until it is closed.

So where an acknowledgement has ended in Tocsin, or something new fires beside what somebody has, the incident is closed
there and opened anew, which calls people. That it was acknowledged stands in the reference of the group's last message.
"""

from __future__ import annotations

from streams.codes import NotifyReason
from streams.messages.attempt import Attempt

HELD = "acknowledged:"  # how the reference of a group begins that somebody has there
OPEN = "open"  # the reference of a group that is open there, and of which no more has to be known
_CALLS = frozenset({"firing", "escalated", "reminder"})


def reopens(attempt: Attempt) -> bool:
    """Whether the incident has to be closed first, so that people hear of it.

    Not before an acknowledgement ends: whoever is reminded of that has it still.
    """
    notification = attempt.notification
    calls = notification.what in _CALLS and notification.reason_code is not NotifyReason.ACK_ENDING
    return calls and attempt.reference.startswith(HELD)


def stays_held(attempt: Attempt) -> bool:
    """Whether it is added to what somebody has there, and calls nobody."""
    return attempt.reference.startswith(HELD) and attempt.notification.what in _CALLS and not reopens(attempt)
