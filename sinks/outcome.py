"""What came of one call, as a value, so that nobody has to guess from an exception whether to try again.

Delivered   the receiver has it; `reference` is the provider's own name for it
Retry       it may work later; `after_ms` is the receiver's own wish, where it said one
Rejected    it will never work until a person changes something; the reason names what
Late        no call was made, for its deadline had passed (the loop's finding, never a channel's)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from streams.messages.attempt import Attempt, Outcome, Result
from streams.outcome_code import OutcomeCode

LONGEST = 500  # characters of a reason


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver took it; `reason` says how it said so, `reference` is handed to the group's next attempt."""

    reason: str
    code: OutcomeCode = OutcomeCode.DELIVERED
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """It failed in a way that may pass. `after_ms`: milliseconds that the receiver asked us to wait.

    `reference` is handed to the next attempt: what of the message is done already.
    """

    after_ms: int | None
    reason: str
    code: OutcomeCode = OutcomeCode.UNAVAILABLE
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """It failed for good: the reason names the thing that a person has to change."""

    reason: str
    code: OutcomeCode = OutcomeCode.MISCONFIGURED


@dataclass(frozen=True, slots=True)
class Late:
    """Nobody was called, since a notification after its deadline is of no use."""

    reason: str
    code: OutcomeCode = OutcomeCode.LATE


Answer = Delivered | Retry | Rejected
Ending = Answer | Late


def report(attempt: Attempt, ending: Ending, at: int, took: int = 0) -> Outcome:
    """The message that tells deliver, under an id that a second telling shares. `at`, `took`: ms."""
    result, after = _result(ending)
    notification = attempt.notification
    return Outcome(
        id=f"{notification.id}#{attempt.number}#outcome",
        at=at,
        to=notification.to,
        notification=notification.id,
        number=attempt.number,
        result=result,
        code=ending.code,
        reason=ending.reason[:LONGEST],
        after=after,
        took=took,
        reference=ending.reference if isinstance(ending, Delivered | Retry) else "",
    )


def _result(ending: Ending) -> tuple[Result, int | None]:
    match ending:
        case Delivered():
            return "delivered", None
        case Retry(after_ms=after):
            return "retry", after
        case Rejected():
            return "rejected", None
        case Late():
            return "late", None
        case _:
            assert_never(ending)
