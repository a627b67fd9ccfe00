"""What a decision says to the world: notifications, their cancellation, and lines for the product's memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from streams.codes import NotifyReason
from streams.documents.endpoint import Endpoint
from streams.messages.bulk import BulkChunk, SuppressionChunk
from streams.messages.change import Change
from streams.messages.notification import Amend, Cancel, Hurry, Notification
from streams.topics import CHANGES, INBOX, NOTIFY
from tables.kernel.row import Row
from tables.respond.alert.state import Alert, Announcement, snapshot
from tables.respond.content import content_now, content_over
from tables.respond.context import Context
from tables.respond.digest import Digest
from tables.respond.escalation.others import SHOWN, others, recipient_name
from tables.respond.escalation.outlook import outlook
from tables.respond.escalation.state import (
    AmendPending,
    CancelPending,
    Decision,
    Escalation,
    HurryPending,
    Notify,
    ShowAcknowledged,
    Silent,
    Summarise,
    notified,
    token,
)
from tables.respond.group.state import Group
from tables.respond.oncall.audience import Reached
from tables.respond.suppression.cover import Cover, team_of
from tables.respond.suppression.state import AlertSuppression

NOTIFICATION_TTL = 3_600_000  # ms that an attempt to deliver stays of use


class Announced(NamedTuple):
    """An alert, as it is after all of these changes, which the product's memory keeps; `row`: the one beside it."""

    row: Row[AlertSuppression | None]
    alert: Alert
    announcements: tuple[Announcement, ...]


class Decided(NamedTuple):
    """What an escalation has decided for people. `row`: its own; `key`: of its group."""

    row: Row[Escalation | None]
    key: str
    group: Group | None
    decisions: tuple[Decision, ...]


class NextChunk(NamedTuple):
    """The next chunk of a group's acknowledgement is to follow. `row`: of the group."""

    row: Row[Group | None]


Event = Announced | Decided | NextChunk


def publish(ctx: Context, events: Iterable[Event]) -> None:
    """Carry out what was decided, in its order; who was notified of what is kept in the escalation's row."""
    for event in events:
        match event:
            case Announced():
                _announce(ctx, event)
            case NextChunk():
                publish_chunk(ctx, event.row)
            case Decided():
                for decision in event.decisions:
                    _carry_out(ctx, event, decision)


def _carry_out(ctx: Context, event: Decided, decision: Decision) -> None:
    """Say what a decision says; of what is summarised the digest tells."""
    row, key, group, _ = event
    match decision:
        case Notify():
            _notify(ctx, row, key, group, decision)
        case ShowAcknowledged():
            _show_acknowledged(ctx, row, key, group, decision)
        case CancelPending():
            _cancel(ctx, row, key, decision)
        case AmendPending():
            _amend(ctx, row, key, group)
        case HurryPending():
            _hurry(ctx, row, key, decision)
        case Silent():
            _note(ctx, row, key, decision.what, decision.code, decision.reason)
        case Summarise():
            pass  # the digest has it


def _notify(ctx: Context, row: Row[Escalation | None], key: str, group: Group | None, notify: Notify) -> None:
    escalation = row.value
    assert escalation is not None
    content = content_over(escalation, notify, notify.over) if notify.over else content_now(ctx, group)
    moment, ids = ctx.moment, [ctx.next_id(row) for _ in notify.to]
    then, ways = outlook(escalation, moment), notify.hops or ("",) * len(ids)
    for id, to, hops in zip(ids, notify.to, ways, strict=True):
        also = others(notify, to)
        ctx.emit(NOTIFY, to, Notification(
            id=id, at=moment.now, to=to, team=key.partition("/")[0], group=key, what=notify.what,
            severity=content.severity, title=content.title, valued_at=content.valued_at,
            reason_code=notify.code, reason=f"{notify.reason}; {hops}" if hops else notify.reason,
            step=max(escalation.step, 0), count=content.number, alerts=content.alerts,
            others=also.names, more_others=also.more,
            next=then.next, next_to=then.next_to[:SHOWN], next_at=then.next_at,
            delayed=escalation.delayed or moment.delayed(escalation.began_at), deadline=moment.now + NOTIFICATION_TTL,
        ))  # fmt: skip
    tokens = [token(id) for id in ids]
    row.value = notified(escalation, notify, tokens, content.number, (moment.active, moment.offset))
    names = ", ".join(hops or recipient_name(to) for to, hops in zip(notify.to, ways, strict=True))
    _note(ctx, row, key, notify.what, notify.code, f"{names}: {notify.reason}")


def _show_acknowledged(
    ctx: Context, row: Row[Escalation | None], key: str, group: Group | None, show: ShowAcknowledged
) -> None:
    """Tell those who can show it: what they have of the group stays there, and is somebody's."""
    to = tuple(each for each in show.to if _shows_acknowledgements(ctx, each))
    if to and group is not None:
        words = f"acknowledged by {show.by}"
        _notify(ctx, row, key, group, Notify(to, "acknowledged", NotifyReason.ACKNOWLEDGED, words))


def _shows_acknowledgements(ctx: Context, to: str) -> bool:
    kind, owner, name = to.split("/", 2)
    endpoint = ctx.document(Endpoint, owner, name) if kind == "endpoint" else None
    return endpoint is not None and endpoint.shows_acknowledgements


def _cancel(ctx: Context, row: Row[Escalation | None], key: str, cancel: CancelPending) -> None:
    for to in row.value.notified if row.value else ():
        ctx.emit(NOTIFY, to, Cancel(
            id=ctx.next_id(row), at=ctx.moment.now, to=to, group=key, reason_code=cancel.code, reason=cancel.reason,
        ))  # fmt: skip


def _hurry(ctx: Context, row: Row[Escalation | None], key: str, hurry: HurryPending) -> None:
    for to in hurry.to:
        id, at = ctx.next_id(row), ctx.moment.now
        ctx.emit(NOTIFY, to, Hurry(id=id, at=at, to=to, group=key, reason=hurry.reason))


def _amend(ctx: Context, row: Row[Escalation | None], key: str, group: Group | None) -> None:
    """What nobody has heard yet says what the group holds now."""
    now = content_now(ctx, group)
    for pending in row.value.pending if row.value else ():
        ctx.emit(NOTIFY, pending.to, Amend(
            id=ctx.next_id(row), at=ctx.moment.now, to=pending.to, group=key,
            notification=f"respond/{row.key}@{pending.token}", severity=now.severity, title=now.title,
            valued_at=now.valued_at, count=now.number, alerts=now.alerts,
        ))  # fmt: skip


def _note(ctx: Context, row: Row[Escalation | None], key: str, what: str, code: str, reason: str) -> None:
    """Write into the product's memory what was, or was not, said of the group, and why."""
    team = key.partition("/")[0]
    ctx.emit(CHANGES, team, Change(
        id=ctx.next_id(row), at=ctx.moment.now, team=team, subject="notification", subject_id=key, what=what,
        reason_code=code, reason=reason, group=key, escalation=outlook(row.value, ctx.moment) if row.value else None,
    ))  # fmt: skip


def _announce(ctx: Context, announced: Announced) -> None:
    row, alert, announcements = announced
    held = row.value or AlertSuppression()
    id, team = alert.occurrence.id, alert.facts.team
    first = alert.version + held.changes - len(announcements) + 1
    for version, change in enumerate(announcements, first):
        shown = snapshot(alert, ctx.moment.now, version, held.suppression, held.since)
        ctx.emit(CHANGES, team, Change(
            id=ctx.next_id(row), at=ctx.moment.now, team=team, subject="alert", subject_id=id, what=change.what,
            reason_code=change.code, reason=change.reason, by=change.by, alert_id=id,
            group=alert.groups[0] if alert.groups else "", alert=shown,
        ))  # fmt: skip


def publish_chunk(ctx: Context, row: Row[Group | None]) -> None:
    """Say to ourselves which chunk of an acknowledgement obeys next, if one is left."""
    group = row.value
    if group is not None and group.operations:
        ctx.emit(INBOX, "", BulkChunk(
            id=ctx.next_id(row), at=ctx.moment.now, team=group.team, group=group.key, number=group.chunk,
            operation=group.operations[0],
        ))  # fmt: skip


def publish_recheck(ctx: Context, row: Row[Cover | None], owner: str) -> None:
    """Say to ourselves which alerts are looked at anew next, if some are left."""
    if row.value is not None and (recheck := row.value.recheck) is not None:
        ctx.emit(INBOX, "", SuppressionChunk(
            id=ctx.next_id(row), at=ctx.moment.now, team=team_of(owner), cover=owner, number=recheck.number,
        ))  # fmt: skip


def publish_digest(
    ctx: Context, row: Row[Digest | None], owner: str, why: str, readers: tuple[Reached, ...]
) -> None:
    """Send a route's digest. `why`: what led to its readers, in words."""
    moment, digest = ctx.moment, row.value
    assert digest is not None
    many = f"{digest.count} alert{'' if digest.count == 1 else 's'}"
    title = f"{many} fired and ended while Tocsin was away"
    for to, hops in readers:
        ctx.emit(NOTIFY, to, Notification(
            id=ctx.next_id(row), at=moment.now, to=to, team=digest.routed.team, group=owner, what="summary",
            severity="info", title=title, reason_code=NotifyReason.OUTAGE_DIGEST,
            reason=f"{why}; {hops}" if hops else why, step=0,
            count=digest.count, alerts=digest.excerpts, delayed=True, deadline=moment.now + NOTIFICATION_TTL,
        ))  # fmt: skip
