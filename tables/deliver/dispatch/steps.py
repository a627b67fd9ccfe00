"""The steps of a dispatch: an attempt begins, its outcome comes or does not, and all is over."""

from __future__ import annotations

from msgspec.structs import replace

from streams.calendar.duration import spell
from streams.codes import DispatchReason, HoldReason
from streams.documents.document import PLATFORM
from streams.documents.endpoint import Endpoint
from streams.messages.attempt import Outcome
from streams.messages.notification import Notification
from streams.messages.receipt import BundleOver
from tables.deliver.dispatch.lifecycle import TRANSITIONS, Cause, DeliveryState, backoff
from tables.deliver.dispatch.state import (
    OUTCOME_TIMEOUT,
    RETENTION,
    Dispatch,
    DispatchChange,
    DispatchStep,
    Held,
)
from tables.deliver.politeness.bundle import USEFUL, HeldQueue
from tables.deliver.politeness.decide import Courtesy
from tables.deliver.politeness.hold import HoldUntil
from tables.kernel.clock import Moment

_CAUSES = {
    "delivered": Cause.DELIVERED,
    "retry": Cause.RETRY,
    "rejected": Cause.REJECTED,
    "undelivered": Cause.UNDELIVERED,
    "late": Cause.RETRY,  # it was dropped unsent: another attempt may still be in time
}


def begin(notification: Notification, courtesy: Courtesy, moment: Moment) -> Dispatch:
    """The dispatch of a notification: it may go out now, or waits by itself or with others."""
    hold = courtesy.hold
    wait = max(0, hold.until - moment.now) if hold else 0
    dispatch = Dispatch(
        to=notification.to, team=notification.team, group=notification.group, notification=notification.id,
        what=notification.what, deadline=notification.deadline + wait, state=DeliveryState.WAITING,
        due_at=moment.active + wait,
    )  # fmt: skip
    if hold is None or not courtesy.sequence:
        return dispatch
    held = Held(hold.queue, courtesy.sequence, courtesy.sequence)
    late = moment.active + max(0, dispatch.deadline - moment.now)
    return replace(dispatch, state=DeliveryState.HELD, held=held, due_at=late)


def hold_back(dispatch: Dispatch, hold: HoldUntil) -> DispatchStep:
    """A notification waits, which is told with its reason."""
    change = DispatchChange("notification", "held", hold.code, hold.reason, hold.until, hold.document)
    return DispatchStep(dispatch, change)


def await_endpoint(dispatch: Dispatch, until: int, moment: Moment) -> DispatchStep:
    """A notification waits for its endpoint to become known, which is told with its reason. `until`: ms UTC."""
    seconds = -(-(until - moment.now) // 1_000)
    words = f"{dispatch.to} is not known yet: it is waited for {spell(1_000 * seconds)}"
    change = DispatchChange("notification", "held", HoldReason.ENDPOINT_AWAITED, words, until)
    return DispatchStep(wait_for(dispatch, 0, moment), change)


def gather(dispatch: Dispatch, hold: HoldUntil, moment: Moment) -> DispatchStep:
    """An acknowledgement waits for others, which is told with its reason."""
    wait = max(0, hold.until - moment.now)
    return hold_back(replace(dispatch, due_at=moment.active + wait), hold)


def begin_bundle(queue: HeldQueue, last: int, moment: Moment) -> Dispatch:
    """The dispatch of one message for what is held in a queue up to a number."""
    id = f"bundle/{queue.to}/{queue.queue}@{moment.offset}"
    return Dispatch(
        to=queue.to, team=PLATFORM, group=f"{PLATFORM}/{id}", notification=id, what="bundle",
        deadline=moment.now + USEFUL, state=DeliveryState.WAITING, due_at=moment.active,
        held=Held(queue.queue, queue.covered + 1, last),
    )  # fmt: skip


def on_bundle_over(dispatch: Dispatch, bundle: BundleOver, moment: Moment) -> DispatchStep | None:
    """What the end of a bundle is for one notification that it stood for; None where it did not, or that is no news."""
    held = dispatch.held
    if held is None or not bundle.first <= held.first <= bundle.last:
        return None
    # it had been taken with the bundle, which did not arrive after all
    undone = dispatch.state is DeliveryState.DELIVERED and not bundle.delivered
    told = undone or dispatch.state is DeliveryState.HELD or dispatch.ended > bundle.composed
    cause = Cause.DELIVERED if bundle.delivered else Cause.LATE if bundle.transient else Cause.REJECTED
    cause = Cause.UNDELIVERED if undone else cause
    if not told or (dispatch.state, cause) not in TRANSITIONS:
        return None
    step = finish(dispatch, cause, bundle.code, f"in one message with others: {bundle.reason}", moment)
    return step._replace(bundle=bundle.bundle)


def wait_for(dispatch: Dispatch, wait: int, moment: Moment) -> Dispatch:
    """The dispatch, to be looked at again after so many ms: what it is about nobody else would be told of instead."""
    return replace(dispatch, due_at=moment.active + max(1_000, wait))


def hurried(dispatch: Dispatch, hold: HoldUntil, wait: int, moment: Moment) -> Dispatch | None:
    """A dispatch that waits by itself for its contact's delay, due after `wait` ms; None where that is no sooner."""
    late = hold.code is HoldReason.DELAYED and dispatch.number == 0
    if not late or dispatch.state is not DeliveryState.WAITING or dispatch.due_at <= moment.active + wait:
        return None
    return replace(dispatch, due_at=moment.active + wait)


def composed(dispatch: Dispatch, notification: Notification, moment: Moment) -> Dispatch:
    """The dispatch of a bundle once it has been put together, anew for each attempt."""
    held = dispatch.held
    assert held is not None
    group, team = notification.group, notification.team
    return replace(dispatch, team=team, group=group, held=replace(held, composed=moment.offset))


def attempt(dispatch: Dispatch, endpoint: Endpoint, moment: Moment) -> DispatchStep:
    """The next attempt begins, unless its time is over."""
    if moment.now >= dispatch.deadline:
        words = f"not delivered within its time, after {dispatch.number} attempts"
        return finish(dispatch, Cause.LATE, DispatchReason.NO_TIME, words, moment)
    number = dispatch.number + 1
    after = replace(
        dispatch, state=TRANSITIONS[dispatch.state, Cause.ATTEMPT], number=number,
        due_at=moment.active + OUTCOME_TIMEOUT, via=f"{endpoint.team}/{endpoint.name}",
    )  # fmt: skip
    words = f"attempt {number} by {endpoint.channel}"
    return DispatchStep(after, DispatchChange("attempt", "sent", DispatchReason.ATTEMPT, words))


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
    ended = moment.offset if state is DeliveryState.CANCELLED else dispatch.ended
    after = replace(dispatch, state=state, due_at=moment.active + RETENTION, ended=ended)
    change = DispatchChange("notification", state.value, code, reason)
    return DispatchStep(after, change, finished=True, transient=cause in (Cause.LATE, Cause.CIRCUIT))
