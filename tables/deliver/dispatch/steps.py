"""The steps of a dispatch: an attempt begins, its outcome comes or does not, and all is over."""

from __future__ import annotations

from msgspec.structs import replace

from streams.calendar.duration import spell
from streams.codes import DispatchReason
from streams.messages.attempt import Outcome
from streams.messages.notification import Notification
from tables.deliver.dispatch.lifecycle import TRANSITIONS, Cause, DeliveryState, backoff
from tables.deliver.dispatch.state import OUTCOME_TIMEOUT, RETENTION, Dispatch, DispatchChange, DispatchStep
from tables.kernel.clock import Moment

_CAUSES = {
    "delivered": Cause.DELIVERED,
    "retry": Cause.RETRY,
    "rejected": Cause.REJECTED,
    "undelivered": Cause.UNDELIVERED,
    "late": Cause.RETRY,  # it was dropped unsent: another attempt may still be in time
}


def begin(notification: Notification, moment: Moment) -> Dispatch:
    """The dispatch of a notification that may go out now."""
    return Dispatch(
        to=notification.to, team=notification.team, group=notification.group, notification=notification.id,
        what=notification.what, deadline=notification.deadline, state=DeliveryState.WAITING, due_at=moment.active,
    )  # fmt: skip


def attempt(dispatch: Dispatch, channel: str, moment: Moment) -> DispatchStep:
    """The next attempt begins, unless its time is over."""
    if moment.now >= dispatch.deadline:
        words = f"not delivered within its time, after {dispatch.number} attempts"
        return finish(dispatch, Cause.LATE, DispatchReason.NO_TIME, words, moment)
    number = dispatch.number + 1
    after = replace(
        dispatch, state=TRANSITIONS[dispatch.state, Cause.ATTEMPT], number=number,
        due_at=moment.active + OUTCOME_TIMEOUT,
    )  # fmt: skip
    return DispatchStep(
        after, DispatchChange("attempt", "sent", DispatchReason.ATTEMPT, f"attempt {number} by {channel}")
    )


def on_outcome(dispatch: Dispatch, outcome: Outcome, moment: Moment) -> DispatchStep | None:
    """What an attempt brought; late only a delivery counts, and that there was none after all. None: it is no news."""
    cause = _CAUSES[outcome.result]
    trying = dispatch.state is DeliveryState.TRYING and outcome.number == dispatch.number
    stale = not trying and cause not in (Cause.DELIVERED, Cause.UNDELIVERED)
    if stale or (dispatch.state, cause) not in TRANSITIONS:
        return None
    words = f"{outcome.reason} (attempt {outcome.number}, {outcome.took} ms)"
    code = outcome.code or outcome.result
    if cause is Cause.RETRY:
        return _again(dispatch, cause, code, words, outcome.after, moment)
    return finish(dispatch, cause, code, words, moment)


def unheard(dispatch: Dispatch, moment: Moment) -> DispatchStep:
    """No outcome came: it may have been delivered, so it is sent again under the same id."""
    words = f"no outcome within {spell(OUTCOME_TIMEOUT)}: sent again under the same id"
    return _again(dispatch, Cause.UNKNOWN, DispatchReason.NO_OUTCOME, words, None, moment)


def _again(
    dispatch: Dispatch, cause: Cause, code: str, reason: str, wish: int | None, moment: Moment
) -> DispatchStep:
    wait = backoff(dispatch.number, wish)
    if moment.now + wait >= dispatch.deadline:
        words = f"{reason}; no time left for another attempt"
        return finish(dispatch, Cause.LATE, DispatchReason.NO_TIME, words, moment)
    after = replace(dispatch, state=TRANSITIONS[dispatch.state, cause], due_at=moment.active + wait)
    return DispatchStep(after, DispatchChange("attempt", "retry", code, f"{reason}; again in {spell(wait)}"))


def finish(dispatch: Dispatch, cause: Cause, code: str, reason: str, moment: Moment) -> DispatchStep:
    """It is delivered, or will not be tried again."""
    state = TRANSITIONS[dispatch.state, cause]
    after = replace(dispatch, state=state, due_at=moment.active + RETENTION)
    change = DispatchChange("notification", state.value, code, reason)
    return DispatchStep(after, change, finished=True, transient=cause is Cause.LATE)
