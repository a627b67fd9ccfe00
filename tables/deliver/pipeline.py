"""The path of every decision of deliver: an intent becomes a dispatch, a dispatch attempts, an outcome decides.

Handlers of messages and of deadlines call one of these; nothing else opens rows.
"""

from __future__ import annotations

from typing import Literal

from streams.codes import CancelReason, DispatchReason
from streams.messages.attempt import Attempt, Outcome
from streams.messages.change import Change, DeliverySnapshot
from streams.messages.notification import Cancel, Notification
from streams.messages.receipt import Receipt
from streams.text.notification_text import told_at
from streams.topics import CHANGES, INBOX, send
from tables.deliver import intent, thread
from tables.deliver.attempt import state as attempt
from tables.deliver.context import Context
from tables.deliver.dispatch import steps
from tables.deliver.dispatch.lifecycle import OVER, Cause, DeliveryState
from tables.deliver.dispatch.state import OUTCOME_TIMEOUT, Dispatch, DispatchStep, pending_name
from tables.deliver.levels import ATTEMPT, DISPATCH, INTENT, THREAD
from tables.kernel.row import Row


def notification_came(ctx: Context, notification: Notification) -> str:
    """Somebody shall be told: returns whose dispatch is due now, "" where that was done before."""
    owner = f"{notification.to}/{notification.id}"
    row = ctx.open(INTENT, owner)
    if row is None or row.value is not None:
        return ""  # a duplicate
    row.value = intent.take(notification, ctx.moment)
    if notification.what != "resolved":
        words = "a newer message of its group takes its place"
        _cancel_pending(ctx, notification.to, notification.group, DispatchReason.SUPERSEDED, words)
    dispatch = ctx.open(DISPATCH, owner)
    if dispatch is None:
        return ""
    dispatch.value = steps.begin(notification, ctx.moment)
    return owner


def cancel_came(ctx: Context, cancel: Cancel) -> None:
    """What is still pending of a group for a recipient is of no use any more."""
    _cancel_pending(ctx, cancel.to, cancel.group, cancel.reason_code, cancel.reason)


def _cancel_pending(
    ctx: Context, to: str, group: str, code: CancelReason | DispatchReason, reason: str
) -> None:
    for owner in ctx.owners(DISPATCH, pending_name(to, group)):
        row = ctx.open(DISPATCH, owner)
        if row is not None and row.value is not None:
            _carry_out(ctx, row, steps.finish(row.value, Cause.CANCEL, code, reason, ctx.moment))


def outcome_came(ctx: Context, outcome: Outcome) -> None:
    """A sink reports of one attempt; an outcome calls no dispatch into being, nor back."""
    owner = f"{outcome.to}/{outcome.notification}"
    dispatch = ctx.get(DISPATCH, owner)
    if dispatch is None:
        return
    if outcome.reference and (kept := ctx.open(THREAD, pending_name(outcome.to, dispatch.group))) is not None:
        kept.value = thread.remember(outcome.reference, ctx.moment)
    row = ctx.open(DISPATCH, owner)
    if row is not None and row.value is not None:
        step = steps.on_outcome(row.value, outcome, ctx.moment)
        if step is not None:
            _carry_out(ctx, row, step, outcome.reference)
    attempted = ctx.get(ATTEMPT, f"{owner}#{outcome.number}")
    made = ctx.open(ATTEMPT, f"{owner}#{outcome.number}") if attempted else None
    if made is not None and attempted is not None:
        made.value = attempt.on_outcome(attempted, outcome)


def dispatch_due(ctx: Context, row: Row[Dispatch | None], owner: str) -> None:
    """The next attempt, an outcome that never came, or the end of a finished row."""
    dispatch = row.value
    if dispatch is None or dispatch.state in OVER:
        ctx.mark_deleted(row)
    elif dispatch.state is DeliveryState.TRYING:
        _carry_out(ctx, row, steps.unheard(dispatch, ctx.moment))
    else:
        _attempt(ctx, row, dispatch, owner)


def _attempt(ctx: Context, row: Row[Dispatch | None], dispatch: Dispatch, owner: str) -> None:
    confirming = dispatch.what == "code"  # it goes where nobody has confirmed yet that it arrives
    endpoint, wanted = ctx.endpoint(dispatch.to, confirming), ctx.get(INTENT, owner)
    if endpoint is None or wanted is None:
        words = f"{dispatch.to} does not exist"
        _carry_out(
            ctx, row, steps.finish(dispatch, Cause.REJECTED, DispatchReason.ENDPOINT_GONE, words, ctx.moment)
        )
        return
    step = steps.attempt(dispatch, endpoint.channel, ctx.moment)
    _carry_out(ctx, row, step)
    made = None if step.finished else ctx.open(ATTEMPT, f"{owner}#{step.after.number}")
    if made is None:
        return
    made.value = attempt.begin(endpoint.channel, ctx.moment)
    known = ctx.get(THREAD, pending_name(dispatch.to, dispatch.group))
    moment = ctx.moment
    notification = told_at(wanted.notification, moment.now)
    topic = send(endpoint.channel, notification.severity == "critical")
    ctx.emit(topic, dispatch.to, Attempt(
        id=ctx.next_id(made), at=moment.now, notification=notification, channel=endpoint.channel,
        endpoint=endpoint.body(), number=step.after.number,
        deadline=min(dispatch.deadline, moment.now + OUTCOME_TIMEOUT), reference=known.reference if known else "",
    ))  # fmt: skip


def _carry_out(ctx: Context, row: Row[Dispatch | None], step: DispatchStep, reference: str = "") -> None:
    """Keep what a step made of a dispatch, and tell respond and the product's memory of it.

    `reference`: what the provider calls the message, which is kept where it is asked for answers by that.
    """
    row.value = dispatch = step.after
    team, change, now = dispatch.team, step.change, ctx.moment.now
    if step.finished:
        ctx.emit(INBOX, team, Receipt(
            id=ctx.next_id(row), at=now, team=team, group=dispatch.group, to=dispatch.to,
            notification=dispatch.notification, result=_result(dispatch.state), what=dispatch.what,
            reason=change.reason, transient=step.transient,
        ))  # fmt: skip
    words = f"{dispatch.what} to {dispatch.to.removeprefix('endpoint/')}: {change.reason}"
    endpoint = ctx.endpoint(dispatch.to)
    channel = "" if endpoint is None else endpoint.channel
    asked_by = reference if endpoint is not None and endpoint.answers_are_asked_for else ""
    ctx.emit(CHANGES, team, Change(
        id=ctx.next_id(row), at=now, team=team, subject=change.subject, subject_id=dispatch.notification,
        what=change.what, reason_code=change.code, reason=words, group=dispatch.group,
        delivery=DeliverySnapshot(to=dispatch.to, channel=channel, purpose=dispatch.what, reference=asked_by),
    ))  # fmt: skip


def _result(state: DeliveryState) -> Literal["delivered", "failed", "cancelled"]:
    """The word of a receipt for how a dispatch ended."""
    match state:
        case DeliveryState.DELIVERED:
            return "delivered"
        case DeliveryState.CANCELLED:
            return "cancelled"
        case _:
            return "failed"
