"""What a step of a dispatch says: a receipt for respond or the end of a bundle, and a line for the product's memory."""

from __future__ import annotations

from typing import Literal

from streams.messages.change import Change, DeliverySnapshot
from streams.messages.receipt import BundleOver, Receipt
from streams.topics import CHANGES, INBOX, NOTIFY
from tables.deliver.context import Context
from tables.deliver.dispatch.lifecycle import DeliveryState
from tables.deliver.dispatch.state import Dispatch, DispatchStep
from tables.kernel.row import Row


def carry_out(ctx: Context, row: Row[Dispatch | None], step: DispatchStep, reference: str = "") -> None:
    """Keep what a step made of a dispatch, and tell respond and the product's memory of it.

    `reference`: what the provider calls the message, which is kept where it is asked for answers by that.
    """
    row.value = dispatch = step.after
    if step.finished and dispatch.what == "bundle":
        _bundle_over(ctx, row, dispatch, step)
    elif step.finished:
        _receipt(ctx, row, dispatch, step)
    change = step.change
    words = f"{dispatch.what} to {dispatch.to.removeprefix('endpoint/')}: {change.reason}"
    endpoint = ctx.endpoint(dispatch.to)
    channel = "" if endpoint is None else endpoint.channel
    asked_by = reference if endpoint is not None and endpoint.answers_are_asked_for else ""
    ctx.emit(CHANGES, dispatch.team, Change(
        id=ctx.next_id(row), at=ctx.moment.now, team=dispatch.team, subject=change.subject,
        subject_id=dispatch.notification, what=change.what, reason_code=change.code, reason=words,
        group=dispatch.group, delivery=DeliverySnapshot(
            to=dispatch.to, channel=channel, purpose=dispatch.what, until=change.until, document=change.document,
            reference=asked_by, bundle=step.bundle,
        ),
    ))  # fmt: skip


def _receipt(ctx: Context, row: Row[Dispatch | None], dispatch: Dispatch, step: DispatchStep) -> None:
    ctx.emit(INBOX, dispatch.team, Receipt(
        id=ctx.next_id(row), at=ctx.moment.now, team=dispatch.team, group=dispatch.group, to=dispatch.to,
        notification=dispatch.notification, result=_result(dispatch.state), what=dispatch.what,
        reason=step.change.reason, transient=step.transient,
    ))  # fmt: skip


def _bundle_over(ctx: Context, row: Row[Dispatch | None], dispatch: Dispatch, step: DispatchStep) -> None:
    """Each notification that the bundle stood for hears of its end, as a message: they lie upstream."""
    held, change = dispatch.held, step.change
    if held is None:
        return
    ctx.emit(NOTIFY, dispatch.to, BundleOver(
        id=ctx.next_id(row), at=ctx.moment.now, to=dispatch.to, queue=held.queue, first=held.first, last=held.last,
        composed=held.composed, delivered=dispatch.state is DeliveryState.DELIVERED, transient=step.transient,
        code=change.code, reason=change.reason, bundle=dispatch.notification,
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
