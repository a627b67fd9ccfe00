"""The path of every decision of deliver: an intent becomes a dispatch, a dispatch attempts, an outcome decides.

Handlers of messages and of deadlines call one of these; nothing else opens rows.
"""

from __future__ import annotations

from msgspec.structs import replace

from streams.codes import CancelReason, DispatchReason
from streams.documents.endpoint import Endpoint
from streams.messages.attempt import Attempt, Outcome
from streams.messages.notification import Amend, Cancel, Hurry, Notification
from streams.messages.receipt import MissingOutcome
from streams.text.notification_text import told_at
from streams.topics import NOTIFY, send
from tables.deliver import intent, thread
from tables.deliver.attempt import state as attempt
from tables.deliver.circuit import pipeline as circuit
from tables.deliver.context import Context
from tables.deliver.dispatch import steps
from tables.deliver.dispatch.lifecycle import OVER, Cause, DeliveryState
from tables.deliver.dispatch.state import OUTCOME_TIMEOUT, Dispatch, pending_name
from tables.deliver.levels import ATTEMPT, BUNDLE, CIRCUIT, DISPATCH, INTENT, THREAD
from tables.deliver.politeness import pipeline as politeness
from tables.deliver.politeness.bundle import HeldQueue
from tables.deliver.publish import carry_out
from tables.kernel.level import Level
from tables.kernel.row import Row

CONFIRMING = "code"  # goes where nobody has confirmed yet that it arrives
ENDPOINT_GRACE = 30_000  # ms from a notification in which an endpoint may become known
ENDPOINT_LOOK = 1_000  # ms between two looks for it


def notification_came(ctx: Context, notification: Notification) -> str:
    """Somebody shall be told: returns whose dispatch is due now, "" where it waits, or was done before."""
    owner = f"{notification.to}/{notification.id}"
    courtesy = politeness.considered(ctx, notification)
    row = ctx.open(INTENT, owner)
    if row is None or row.value is not None:
        return ""  # a duplicate
    row.value = intent.take(notification, courtesy.hold, ctx.moment)
    if notification.what != "resolved":
        words = "a newer message of its group takes its place"
        _cancel_pending(ctx, notification.to, notification.group, DispatchReason.SUPERSEDED, words)
    dispatch = ctx.open(DISPATCH, owner)
    if dispatch is None:
        return ""
    dispatch.value = steps.begin(notification, courtesy, ctx.moment)
    if courtesy.hold is not None:
        carry_out(ctx, dispatch, steps.hold_back(dispatch.value, courtesy.hold))
        politeness.gather(ctx, notification, courtesy)
        return ""
    if (hold := politeness.gathered(ctx, notification)) is not None:
        words = "it is told in one word with others"
        _cancel(ctx, politeness.superseded(ctx, notification), DispatchReason.SUPERSEDED, words)
        carry_out(ctx, dispatch, steps.gather(dispatch.value, hold, ctx.moment))
        return ""
    if (until := _awaited_until(ctx, owner, dispatch.value)) is None:
        return owner
    carry_out(ctx, dispatch, steps.await_endpoint(dispatch.value, until, ctx.moment))
    return ""


def _awaited_until(ctx: Context, owner: str, dispatch: Dispatch) -> int | None:
    """How long the endpoint of a dispatch is still waited for, ms UTC; None where it is known, or cannot come.

    Documents and notifications come by two logs, so that an alert may be here before the endpoint made with it.
    """
    wanted = ctx.get(INTENT, owner)
    until = min(wanted.notification.at + ENDPOINT_GRACE, dispatch.deadline) if wanted is not None else 0
    comes = until > ctx.moment.now and ctx.unheard_of(dispatch.to, dispatch.what == CONFIRMING)
    return until if comes else None


def cancel_came(ctx: Context, cancel: Cancel) -> None:
    """What is still pending of a group for a recipient is of no use any more."""
    politeness.delay_over(ctx, cancel.to, cancel.group)
    _cancel_pending(ctx, cancel.to, cancel.group, cancel.reason_code, cancel.reason)


def amend_came(ctx: Context, amend: Amend) -> None:
    """Fewer alerts fire than a notification says that nobody has heard yet: it says that from now on."""
    owner = f"{amend.to}/{amend.notification}"
    row = ctx.open(INTENT, owner) if ctx.get(INTENT, owner) is not None else None
    if row is not None and row.value is not None:
        row.value = intent.amended(row.value, amend)


def hurry_came(ctx: Context, hurry: Hurry) -> list[str]:
    """Somebody told later than others is told as if they were not: returns whose dispatches are due now."""
    waiting = ctx.owners(DISPATCH, pending_name(hurry.to, hurry.group))
    return [owner for owner in waiting if politeness.hurried(ctx, owner)]


def _cancel_pending(
    ctx: Context, to: str, group: str, code: CancelReason | DispatchReason, reason: str
) -> None:
    _cancel(ctx, ctx.owners(DISPATCH, pending_name(to, group)), code, reason)


def _cancel(ctx: Context, owners: list[str], code: CancelReason | DispatchReason, reason: str) -> None:
    for owner in owners:
        row = ctx.open(DISPATCH, owner)
        if row is not None and row.value is not None:
            carry_out(ctx, row, steps.finish(row.value, Cause.CANCEL, code, reason, ctx.moment))


def outcome_came(ctx: Context, outcome: Outcome) -> None:
    """A sink reports of one attempt; an outcome calls no dispatch into being, nor back."""
    circuit.outcome_came(ctx, outcome)
    owner = f"{outcome.to}/{outcome.notification}"
    for level in (DISPATCH, BUNDLE):
        if (dispatch := ctx.get(level, owner)) is not None:
            _attempted(ctx, level, dispatch, outcome)
    circuit.fail_over(ctx, outcome.to)


def _attempted(ctx: Context, level: Level[Dispatch], dispatch: Dispatch, outcome: Outcome) -> None:
    """What an outcome makes of the dispatch of its attempt."""
    owner = f"{outcome.to}/{outcome.notification}"
    if outcome.reference and (kept := ctx.open(THREAD, pending_name(outcome.to, dispatch.group))) is not None:
        kept.value = thread.remember(outcome.reference, ctx.moment)
    row = ctx.open(level, owner)
    if row is not None and row.value is not None:
        step = steps.on_outcome(row.value, outcome, ctx.moment)
        if step is not None:
            carry_out(ctx, row, step, outcome.reference)


def queue_due(ctx: Context, row: Row[HeldQueue | None]) -> None:
    """What is held for a recipient goes in one message, or its queue is forgotten."""
    owner = politeness.queue_due(ctx, row)
    bundle = ctx.open(BUNDLE, owner) if owner else None
    if bundle is not None:
        dispatch_due(ctx, BUNDLE, bundle, owner)


def dispatch_due(ctx: Context, level: Level[Dispatch], row: Row[Dispatch | None], owner: str) -> None:
    """The next attempt, an outcome that never came, or the end of a finished row."""
    dispatch = row.value
    if dispatch is None or dispatch.state in OVER:
        ctx.mark_deleted(row)
    elif dispatch.state is DeliveryState.TRYING:
        carry_out(ctx, row, steps.unheard(dispatch, ctx.moment))
        missing = MissingOutcome(id=ctx.next_id(row), at=ctx.moment.now, to=dispatch.to)
        ctx.emit(NOTIFY, dispatch.to, missing)
    elif dispatch.state is DeliveryState.HELD:
        words = "what it was held with never went"
        carry_out(ctx, row, steps.finish(dispatch, Cause.LATE, DispatchReason.NO_TIME, words, ctx.moment))
    else:
        _attempt(ctx, level, row, owner)


def _attempt(ctx: Context, level: Level[Dispatch], row: Row[Dispatch | None], owner: str) -> None:
    dispatch = row.value
    assert dispatch is not None
    endpoint = ctx.endpoint(dispatch.to, dispatch.what == CONFIRMING)
    if endpoint is None and dispatch.what == "resolved":
        endpoint = ctx.deleted_endpoint(dispatch.to)
    if endpoint is None:
        if _awaited_until(ctx, owner, dispatch) is not None:
            row.value = steps.wait_for(dispatch, ENDPOINT_LOOK, ctx.moment)
            return
        code, words = DispatchReason.ENDPOINT_GONE, f"{dispatch.to} does not exist"
        carry_out(ctx, row, steps.finish(dispatch, Cause.REJECTED, code, words, ctx.moment))
        return
    sender = circuit.owner_of_circuit(endpoint)
    trust = ctx.get(CIRCUIT, sender)
    if trust is not None and circuit.stopped(dispatch, trust):
        circuit.fail(ctx, row, dispatch, trust, sender)
    elif (until := circuit.waits(dispatch, trust)) > ctx.moment.now and until < dispatch.deadline:
        row.value = steps.wait_for(dispatch, until - ctx.moment.now, ctx.moment)
    else:
        _call(ctx, level, row, owner, endpoint)


def _call(
    ctx: Context, level: Level[Dispatch], row: Row[Dispatch | None], owner: str, endpoint: Endpoint
) -> None:
    """One call is made, of what the notification or the bundle says now."""
    dispatch, moment = row.value, ctx.moment
    assert dispatch is not None
    notification = _notification(ctx, level, dispatch, owner)
    if notification is None:
        words = "all that it stood for is of no use any more"
        carry_out(ctx, row, steps.finish(dispatch, Cause.CANCEL, DispatchReason.NOTHING_LEFT, words, moment))
        return
    notification = politeness.answers(ctx, notification)
    dispatch = replace(dispatch, group=notification.group)
    if dispatch.held is not None:
        dispatch = steps.composed(dispatch, notification, moment)
    step = steps.attempt(dispatch, endpoint, moment)
    carry_out(ctx, row, step)
    made = None if step.finished else ctx.open(ATTEMPT, f"{owner}#{step.after.number}")
    if made is None:
        return
    made.value = attempt.begin(endpoint.channel, moment)
    known = ctx.get(THREAD, pending_name(dispatch.to, dispatch.group))
    told = told_at(notification, moment.now)
    topic = send(endpoint.channel, told.severity == "critical")
    ctx.emit(topic, dispatch.to, Attempt(
        id=ctx.next_id(made), at=moment.now, notification=told, channel=endpoint.channel,
        endpoint=endpoint.body(), number=step.after.number,
        deadline=min(dispatch.deadline, moment.now + OUTCOME_TIMEOUT), reference=known.reference if known else "",
    ))  # fmt: skip


def _notification(
    ctx: Context, level: Level[Dispatch], dispatch: Dispatch, owner: str
) -> Notification | None:
    """What a dispatch tells: its notification, with why it waited, or all that a bundle stands for."""
    if level is BUNDLE:
        return politeness.composed(ctx, dispatch)
    wanted = ctx.get(INTENT, owner)
    return None if wanted is None else intent.told(wanted)
