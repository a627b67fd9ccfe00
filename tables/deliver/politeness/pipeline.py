"""The path of what is held: a notification joins a queue, the queue goes as one bundle, and what it stood for ends."""

from __future__ import annotations

from streams.canary.names import canary_channel
from streams.messages.notification import Notification
from streams.messages.receipt import BundleOver
from streams.topics import NOTIFY
from tables.deliver.context import Context
from tables.deliver.dispatch import steps
from tables.deliver.dispatch.lifecycle import DeliveryState
from tables.deliver.dispatch.state import Dispatch, answers_name, pending_name, queue_name
from tables.deliver.intent import group_name
from tables.deliver.levels import BUNDLE, DELAY, DISPATCH, INTENT, QUEUE, RECIPIENT, THREAD
from tables.deliver.politeness import bundle, one_word
from tables.deliver.politeness.bundle import HeldNotification, HeldQueue
from tables.deliver.politeness.decide import Courtesy, Destination, consider
from tables.deliver.politeness.delay import Delay
from tables.deliver.politeness.hold import HoldUntil
from tables.deliver.politeness.quiet_hours import quiet
from tables.deliver.politeness.throttle import gathering, is_urgent
from tables.deliver.publish import carry_out
from tables.deliver.recipient import Recipient
from tables.kernel.row import Row

CHUNK = 1_000  # notifications that hear of a bundle's end in one message


def considered(ctx: Context, notification: Notification) -> Courtesy:
    """Whether a notification waits, by what its recipient has had and wants; kept in the recipient's row."""
    to, endpoint = notification.to, ctx.endpoint(notification.to)
    row = ctx.open(RECIPIENT, to)
    if row is None:
        return Courtesy(Recipient())
    destination: Destination | None = None
    if endpoint is not None and not canary_channel(to):
        destination = Destination(endpoint, ctx.addressees(to, notification.severity))
    group = pending_name(to, notification.group)
    courtesy = consider(
        row.value or Recipient(), notification, destination, ctx.get(DELAY, group), ctx.moment
    )
    if courtesy.recipient != Recipient():
        row.value = courtesy.recipient
    delay = ctx.open(DELAY, group) if courtesy.delay is not None else None
    if delay is not None:
        delay.value = courtesy.delay
    return courtesy


def delay_over(ctx: Context, to: str, group: str) -> None:
    """What was pending of a group for a recipient is over: what is told of it next waits anew."""
    name = pending_name(to, group)
    row = ctx.open(DELAY, name) if ctx.get(DELAY, name) is not None else None
    if row is not None:
        row.value = Delay(ctx.moment.active)


def gathered(ctx: Context, notification: Notification) -> HoldUntil | None:
    """Until when an acknowledgement waits for others that its recipient is told in one word; None where it does not."""
    known = ctx.get(THREAD, pending_name(notification.to, notification.group))
    gathers = one_word.gathers(notification, ctx.endpoint(notification.to), known)
    return one_word.hold(notification) if gathers else None


def superseded(ctx: Context, notification: Notification) -> list[str]:
    """Whose waiting acknowledgements are told in one word by one that has come now."""
    waiting: list[str] = []
    for owner in ctx.owners(DISPATCH, answers_name(notification.to)):
        wanted = ctx.get(INTENT, owner)
        other = wanted is not None and wanted.notification.id != notification.id
        if wanted is not None and other and _is_of_span(ctx, wanted.notification, notification):
            waiting.append(owner)
    return waiting


def answers(ctx: Context, notification: Notification) -> Notification:
    """What is told where an acknowledgement is due: it, and in one word with it all of its span that still holds."""
    if gathered(ctx, notification) is None:
        return notification
    owners = ctx.owners(INTENT, answers_name(notification.to))
    wanted = [intent.notification for owner in owners if (intent := ctx.get(INTENT, owner)) is not None]
    told = [each for each in wanted if _is_of_span(ctx, each, notification) and _is_newest(ctx, each)]
    return one_word.said_together(notification, told)


def _is_of_span(ctx: Context, other: Notification, notification: Notification) -> bool:
    """Whether two acknowledgements are told in one word."""
    return one_word.span(other) == one_word.span(notification) and gathered(ctx, other) is not None


def _is_newest(ctx: Context, notification: Notification) -> bool:
    """Whether nothing else was to be told of its group since."""
    owners = ctx.owners(INTENT, group_name(notification.to, notification.group))
    wanted = (ctx.get(INTENT, owner) for owner in owners)
    return all(each.notification.at <= notification.at for each in wanted if each is not None)


def gather(ctx: Context, notification: Notification, courtesy: Courtesy) -> None:
    """A notification that is held joins its queue."""
    if courtesy.hold is None or not courtesy.sequence:
        return
    row = ctx.open(QUEUE, pending_name(notification.to, courtesy.hold.queue))
    if row is not None:
        row.value = bundle.gather(
            row.value, notification.to, courtesy.hold, courtesy.sequence, is_urgent(notification)
        )


def hurried(ctx: Context, owner: str) -> bool:
    """One that need not be later than others any more: whether it goes now; what it is held with goes soon.

    Quiet hours hold it all the same.
    """
    dispatch, wanted = ctx.get(DISPATCH, owner), ctx.get(INTENT, owner)
    if dispatch is None or wanted is None or wanted.hold is None:
        return False
    notification, now = wanted.notification, ctx.moment.now
    endpoint, contacts = ctx.endpoint(dispatch.to), ctx.addressees(dispatch.to, notification.severity)
    asleep = quiet(notification, contacts, endpoint, now) if endpoint else None
    wait = asleep.until - now if asleep else 0
    if dispatch.state is DeliveryState.HELD:
        row = ctx.open(QUEUE, pending_name(dispatch.to, wanted.hold.queue))
        if row is not None and row.value is not None:
            at, urgent = now + wait + gathering(notification), is_urgent(notification)
            row.value = bundle.hurried(row.value, at, urgent)
        return False
    sooner = steps.hurried(dispatch, wanted.hold, wait, ctx.moment)
    waiting = ctx.open(DISPATCH, owner) if sooner is not None else None
    if waiting is not None:
        waiting.value = sooner
    return waiting is not None and wait == 0


def queue_due(ctx: Context, row: Row[HeldQueue | None]) -> str:
    """What is held goes in one message: whose bundle it is; "" where nothing goes, and the queue is forgotten."""
    queue = row.value
    if queue is None or queue.due_at is None:
        ctx.mark_deleted(row)
        return ""
    recipient = ctx.get(RECIPIENT, queue.to)
    newest = recipient.held if recipient else queue.covered
    dispatch = steps.begin_bundle(queue, newest, ctx.moment)
    row.value = bundle.gone(queue, newest, ctx.moment.now)
    owner = f"{queue.to}/{dispatch.notification}"
    begun = ctx.open(BUNDLE, owner)
    if begun is None:
        return ""
    begun.value = dispatch
    return owner


def composed(ctx: Context, dispatch: Dispatch) -> Notification | None:
    """What a bundle says now, of all that is still held; None where nothing of it is of use any more."""
    held = dispatch.held
    if held is None:
        return None
    notifications: list[HeldNotification] = []
    for owner in ctx.owners(DISPATCH, queue_name(dispatch.to, held.queue)):
        each, wanted = ctx.get(DISPATCH, owner), ctx.get(INTENT, owner)
        if each is None or wanted is None or each.held is None or wanted.hold is None:
            continue
        if each.state is DeliveryState.HELD and held.first <= each.held.first <= held.last:
            notifications.append(HeldNotification(wanted.notification, wanted.hold))
    if not notifications:
        return None
    return bundle.compose(dispatch.notification, dispatch.to, notifications, dispatch.deadline)


def bundle_over_came(ctx: Context, over: BundleOver) -> None:
    """A bundle is over, and so is each notification that it stood for: a thousand of them for each message."""
    last = min(over.last, over.first + CHUNK - 1)
    for owner in ctx.owners(DISPATCH, queue_name(over.to, over.queue)):
        dispatch = ctx.get(DISPATCH, owner)
        if dispatch is None or dispatch.held is None or not over.first <= dispatch.held.first <= last:
            continue
        row = ctx.open(DISPATCH, owner)
        step = None if row is None or row.value is None else steps.on_bundle_over(row.value, over, ctx.moment)
        if row is not None and step is not None:
            carry_out(ctx, row, step)
    if last < over.last:
        ctx.emit(NOTIFY, over.to, BundleOver(
            id=f"{over.id}+{last}", at=ctx.moment.now, to=over.to, queue=over.queue, first=last + 1, last=over.last,
            composed=over.composed, delivered=over.delivered, transient=over.transient, code=over.code,
            reason=over.reason, bundle=over.bundle,
        ))  # fmt: skip
