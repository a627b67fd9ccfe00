"""That a message or call did not arrive after all becomes an outcome of its attempt: the next step need not wait."""

from __future__ import annotations

from collections.abc import Mapping

from api.dependencies import Dependencies
from sources.intake.twilio import NotDelivered
from streams.messages.attempt import Outcome
from streams.outcome_code import OutcomeCode


async def report_failure(deps: Dependencies, query: Mapping[str, str], failed: NotDelivered) -> None:
    """Tell deliver. `query`: what Twilio was asked to send back; without it nobody knows which attempt it was."""
    to, notification, number = (query.get(name, "") for name in ("to", "notification", "number"))
    if not (to and notification and number.isdecimal() and len(number) < 10):
        return
    why = f" (error {failed.error})" if failed.error else ""
    await deps.outcomes.send(
        Outcome(
            id=f"{notification}#{number}#undelivered",
            at=deps.now(),
            to=to,
            notification=notification,
            number=int(number),
            result="undelivered",
            code=OutcomeCode.UNDELIVERED,
            reason=f"Twilio had taken it, and says now: {failed.status}{why}",
        )
    )
