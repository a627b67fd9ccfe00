"""One call to a receiver, and what it brought."""

from __future__ import annotations

from typing import Any, Literal

from streams.messages.envelope import Message
from streams.messages.notification import Notification

# undelivered: it was taken, and did not arrive
Result = Literal["delivered", "retry", "rejected", "late", "undelivered"]
OVER = "over"  # the reference of a group that is resolved: nothing of it stands open at the provider


class Attempt(Message, frozen=True, kw_only=True, tag="attempt"):
    """One call to make: stateless sinks need nothing else. Topic `send.<channel>[.critical]`."""

    notification: Notification
    channel: str
    endpoint: dict[str, Any]  # the endpoint document; secrets sealed
    number: int
    deadline: int
    reference: str = ""  # what the provider called this group's message before, where it gave a name


class Outcome(Message, frozen=True, kw_only=True, tag="outcome"):
    """What a call brought: back to `notify`, keyed as the attempt was."""

    to: str
    notification: str  # its id
    number: int
    result: Result
    reason: str
    code: str = ""  # streams.outcome_code
    after: int | None = None  # the receiver's wish when to retry, ms
    took: int = 0  # ms
    reference: str = ""  # what the provider calls the message, so that later ones can be put in its place
