"""The path of an escalation that runs: receipts, deadlines, one more acknowledgement, or a new plan.

Who a step reaches is resolved here, at the moment in which it fires.
"""

from __future__ import annotations

from collections.abc import Sequence

from streams.codes import NotifyReason, RefusalCode
from streams.documents.policy import Policy
from streams.errors import Refused
from streams.messages.bulk import Span
from streams.messages.command import ApplyPolicy, Command, Escalate
from streams.messages.receipt import Receipt
from tables.kernel.row import Row
from tables.respond.alert.lifecycle import Status
from tables.respond.alert.standing import effective_status, held_until
from tables.respond.alert.state import Alert
from tables.respond.context import Context
from tables.respond.escalation import advance, decide
from tables.respond.escalation.amend import amended
from tables.respond.escalation.apply import take_plan
from tables.respond.escalation.hasten import hasten
from tables.respond.escalation.lifecycle import State
from tables.respond.escalation.receipt import on_receipt
from tables.respond.escalation.state import (
    AckReminder,
    Escalation,
    PendingNotice,
    Unheard,
    deadline,
    due_notice,
)
from tables.respond.group.members import suppressed_in
from tables.respond.group.state import Group
from tables.respond.levels import ALERT, ESCALATION, GROUP
from tables.respond.oncall.audience import audiences
from tables.respond.publish import Decided, publish
from tables.respond.route.routing import resolve_plan
from tables.respond.route.state import owners
from tables.respond.suppression.decide import is_under_way

OF_ENDED_ACKS = frozenset({NotifyReason.ACK_ENDED, NotifyReason.JOINED_ACKNOWLEDGED})
OF_JOINERS = OF_ENDED_ACKS | {NotifyReason.JOINED}  # what is told of these depends on who fires by now


def receipt_came(ctx: Context, receipt: Receipt) -> None:
    """What became of a notification; a receipt calls no escalation into being, nor back."""
    row = None if ctx.get(ESCALATION, receipt.group) is None else ctx.open(ESCALATION, receipt.group)
    if row is None or row.value is None:
        return
    step = on_receipt(row.value, receipt, ctx.moment)
    row.value = step.after
    publish(ctx, [Decided(row, receipt.group, ctx.get(GROUP, receipt.group), step.decisions)])


def escalation_due(ctx: Context, row: Row[Escalation | None], key: str) -> None:
    """News, the next step, a repeat or a reminder is due, or a closed escalation's row ends."""
    escalation, group = row.value, ctx.get(GROUP, key)
    if escalation is None or escalation.state is State.CLOSED or group is None:
        ctx.mark_deleted(row)
        return
    due = deadline(escalation)
    if due is None or due > ctx.moment.active:
        return  # something that was due in the same tick has moved it
    if is_under_way(ctx, group):
        row.value = advance.hold(escalation, ctx.moment)
        return
    if escalation.amend_at is not None and (step := amended(escalation, ctx.moment)) is not None:
        row.value = escalation = step.after
        publish(ctx, [Decided(row, key, group, step.decisions)])
        due = deadline(escalation)
        if due is None or due > ctx.moment.active:
            return
    if escalation.ack_reminder is not None and escalation.state is State.ACKNOWLEDGED:
        escalation = advance.remind_of(escalation, _first_end(ctx, group), ctx.moment)
        if escalation.ack_reminder is not None and escalation.ack_reminder.at > ctx.moment.active:
            row.value = escalation
            return
    notice = due_notice(escalation, ctx.moment)
    asks = notice is not None and notice.code in OF_JOINERS
    unheard = _unheard(ctx, group, escalation, notice) if notice is not None and asks else Unheard()
    reached = audiences(ctx, escalation.plan, group.severity, ctx.moment.now)
    step = advance.on_deadline(escalation, group, ctx.moment, unheard, reached)
    row.value = step.after
    publish(ctx, [Decided(row, key, group, step.decisions)])


def _unheard(ctx: Context, group: Group, escalation: Escalation, notice: PendingNotice) -> Unheard:
    """Whether an alert fires that came, or that nobody has any more, after everybody was told last."""
    hidden, joined, ack_expired = suppressed_in(ctx, group), False, False
    ended = notice.code in OF_ENDED_ACKS
    for alert in ctx.scan(ALERT, group.key):
        if ack_expired or (joined and not ended):
            break
        came = max(alert.occurrence.offset, alert.rerouted_offset) > escalation.announced_offset
        free = ended and alert.ack_expired_offset >= max(escalation.announced_offset, 0)
        if not (came or free) or alert.facts.fingerprint in hidden:
            continue
        if effective_status(group.operations, alert) is Status.FIRING:
            joined, ack_expired = joined or came, ack_expired or free
    return Unheard(joined, ack_expired)


def _first_end(ctx: Context, group: Group) -> AckReminder | None:
    """When people are to be reminded of the acknowledgement in a group that ends first, and whose it is."""
    hidden, first = suppressed_in(ctx, group), None
    for alert in ctx.scan(ALERT, group.key):
        held = held_until(group.operations, alert)
        if held is None or alert.facts.fingerprint in hidden:
            continue
        if first is None or held < first:
            first = held
    return AckReminder(first[0] - decide.ACK_REMINDER_LEAD, first[1]) if first else None


def acknowledge_too(ctx: Context, keys: Sequence[str], by: str) -> int:
    """One more person acknowledges groups of which all alerts are acknowledged; how many wait for that."""
    count = 0
    for key in keys:
        group = ctx.get(GROUP, key)
        step = group and decide.acknowledge_too(ctx.get(ESCALATION, key), group, by, ctx.moment)
        if not step:
            continue
        count += 1
        row = ctx.open(ESCALATION, key)
        if row is not None:
            row.value = step.after
            publish(ctx, [Decided(row, key, group, step.decisions)])
    return count


def escalate(ctx: Context, command: Command, action: Escalate, alert: Alert) -> str:
    """The next step of what tells of an alert goes at once. Returns that in words; Refused where none is to come."""
    count = 0
    for key in (action.group,) if action.group in alert.groups else alert.groups:
        known = ctx.get(ESCALATION, key)
        step = known and hasten(known, command.by.name, ctx.moment)
        row = ctx.open(ESCALATION, key) if step else None
        if step and row is not None:
            row.value = step.after
            publish(ctx, [Decided(row, key, ctx.get(GROUP, key), step.decisions)])
        count += bool(step)
    if not count and not ctx.replaying:
        words = "no step is still to come: somebody has it, all have been told, or it is over"
        raise Refused(words, RefusalCode.NOTHING_TO_ESCALATE)
    return "the next step goes now"


def apply_policy(ctx: Context, command: Command, action: ApplyPolicy) -> str:
    """Escalations of a team that run by a policy go on by it as it is now. Returns in words how many."""
    team, name = command.team, action.policy
    owner = next((owner for owner in owners(team) if ctx.document(Policy, owner, name) is not None), None)
    if owner is None:
        raise Refused(f"there is no policy {name} of {' or '.join(owners(team))}", RefusalCode.NOT_FOUND)
    keys = ctx.owners(ESCALATION, f"{owner}/{name}", Span(f"{team}/", f"{team}0"))  # `0` comes behind `/`
    for key in keys:
        _apply(ctx, key, command.by.name)
    return f"{len(keys)} running escalation{'' if len(keys) == 1 else 's'} of {team} now go by policy {name}"


def _apply(ctx: Context, key: str, by: str) -> None:
    row, group = ctx.open(ESCALATION, key), ctx.get(GROUP, key)
    if row is None or row.value is None or group is None:
        return
    plan = resolve_plan(ctx, group.routed)
    step = take_plan(row.value, plan, by, ctx.moment)
    row.value = step.after
    publish(ctx, [Decided(row, key, group, step.decisions)])
