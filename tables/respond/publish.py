"""What a decision says to the world: notifications, their cancellation, and lines for the product's memory."""

from __future__ import annotations

from heapq import nsmallest
from typing import NamedTuple

from msgspec.structs import replace

from streams.codes import NotifyReason
from streams.messages.alert import AlertExcerpt
from streams.messages.bulk import BulkChunk, SuppressionChunk
from streams.messages.change import Change
from streams.messages.command import Command, DeleteDocument, PutDocument
from streams.messages.envelope import Severity
from streams.messages.notification import Cancel, Notification
from streams.topics import CHANGES, CONFIG, INBOX, NOTIFY
from tables.kernel.row import Row
from tables.respond.alert.acknowledgement import effective_status
from tables.respond.alert.excerpt import excerpt
from tables.respond.alert.lifecycle import RANK, Status
from tables.respond.alert.state import Alert, Announcement, snapshot
from tables.respond.context import Context
from tables.respond.digest import Digest
from tables.respond.document import write
from tables.respond.document.write import OwnDocument, Written
from tables.respond.escalation.outlook import outlook
from tables.respond.escalation.receipt import token
from tables.respond.escalation.state import CancelPending, Escalation, Notify, Silent, notified
from tables.respond.group.state import Group, GroupStanding
from tables.respond.levels import ALERT, SUPPRESSION
from tables.respond.oncall.audience import Audiences
from tables.respond.route.plan import EscalationPlan
from tables.respond.suppression.cover import Cover, team_of
from tables.respond.suppression.state import AlertSuppression

NOTIFICATION_TTL = 3_600_000  # ms that an attempt to deliver stays of use
EXCERPTS = 20


class Content(NamedTuple):
    """What a notification says of a group."""

    title: str
    valued_at: int | None
    severity: Severity
    number: int
    alerts: tuple[AlertExcerpt, ...]


def publish(
    ctx: Context, row: Row[Escalation | None], key: str, group: Group | None, decisions: tuple[object, ...]
) -> None:
    """Carry out decisions in their order; who was notified of what is kept in the escalation's row."""
    for decision in decisions:
        match decision:
            case Notify():
                _notify(ctx, row, key, group, decision)
            case CancelPending():
                _cancel(ctx, row, key, decision)
            case Silent():
                _note(ctx, row, key, decision.what, decision.code, decision.reason)
            case _:
                pass  # what the digest tells is added by the pipeline


def _notify(ctx: Context, row: Row[Escalation | None], key: str, group: Group | None, notify: Notify) -> None:
    escalation = row.value
    assert escalation is not None
    content = _over(escalation, notify.over) if notify.over else _content(ctx, group, escalation)
    moment, ids = ctx.moment, [ctx.next_id(row) for _ in notify.to]
    for id, to, hops in zip(ids, notify.to, notify.hops or [""] * len(ids), strict=True):
        ctx.emit(NOTIFY, to, Notification(
            id=id, at=moment.now, to=to, team=key.partition("/")[0], group=key, what=notify.what,
            severity=content.severity, title=content.title, valued_at=content.valued_at,
            reason_code=notify.code, reason=f"{notify.reason}; {hops}" if hops else notify.reason,
            step=max(escalation.step, 0), count=content.number, alerts=content.alerts,
            delayed=moment.delayed(escalation.began_at), deadline=moment.now + NOTIFICATION_TTL,
        ))  # fmt: skip
    tokens = [token(id) for id in ids]
    row.value = notified(escalation, notify, tokens, content.number, (moment.active, moment.offset))
    names = ", ".join(map(_called, notify.to, notify.hops or [""] * len(ids)))
    _note(ctx, row, key, notify.what, notify.code, f"{names}: {notify.reason}")


def _called(to: str, hops: str) -> str:
    """A recipient in a line of the product's memory: how a target led there, else its name."""
    return hops or "/".join(to.split("/")[2:])


def _over(escalation: Escalation, last: AlertExcerpt) -> Content:
    count = max(escalation.max_count, 1)
    alone = count == 1
    title = last.message if alone else f"all {count} alerts are over: {escalation.title}"
    return Content(title, last.valued_at if alone else None, last.severity, count, (last,))


def _content(ctx: Context, group: Group | None, escalation: Escalation) -> Content:
    """The group as it is now; where nothing fires, those who have it are reminded of what they have."""
    assert group is not None
    status = Status.FIRING if group.count(Status.FIRING) else Status.ACKNOWLEDGED
    alerts, count = excerpts(ctx, group, status), group.count(status)
    alone = alerts[0] if alerts and count == 1 else None
    title = alone.message if alone else f"{count} alerts: {escalation.title}"
    return Content(title, alone.valued_at if alone else None, group.severity, count, alerts)


def excerpts(ctx: Context, group: Group, status: Status) -> tuple[AlertExcerpt, ...]:
    """The alerts that a notification shows: those of a status before the others, the worst, the oldest.

    What is suppressed is none of them.
    """
    hidden = suppressed_in(ctx, group)

    def rank(alert: Alert) -> tuple[bool, int, int, str]:
        other = effective_status(group.operations, alert) is not status
        return other, -RANK[alert.severity], alert.occurrence.triggered_at, alert.facts.fingerprint

    shown = (alert for alert in ctx.scan(ALERT, group.key) if alert.facts.fingerprint not in hidden)
    return tuple(excerpt(alert, group.operations) for alert in nsmallest(EXCERPTS, shown, rank))


def suppressed_in(ctx: Context, group: Group) -> frozenset[str]:
    """The fingerprints of the alerts of a group of which nobody is told."""
    if not group.count(GroupStanding.SUPPRESSED):
        return frozenset()
    return frozenset(value.fingerprint for value in ctx.scan(SUPPRESSION, group.key))


def _cancel(ctx: Context, row: Row[Escalation | None], key: str, cancel: CancelPending) -> None:
    for to in row.value.notified if row.value else ():
        ctx.emit(NOTIFY, to, Cancel(
            id=ctx.next_id(row), at=ctx.moment.now, to=to, group=key, reason_code=cancel.code, reason=cancel.reason,
        ))  # fmt: skip


def _note(ctx: Context, row: Row[Escalation | None], key: str, what: str, code: str, reason: str) -> None:
    """Write into the product's memory what was, or was not, said of the group, and why."""
    team = key.partition("/")[0]
    ctx.emit(CHANGES, team, Change(
        id=ctx.next_id(row), at=ctx.moment.now, team=team, subject="notification", subject_id=key, what=what,
        reason_code=code, reason=reason, group=key,
        outlook=outlook(row.value, ctx.moment) if row.value else None,
    ))  # fmt: skip


def announce(
    ctx: Context, row: Row[AlertSuppression | None], alert: Alert, told: tuple[Announcement, ...]
) -> None:
    """Tell changes of an alert to the product's memory, from the row beside it; `alert`: as it is after all of them."""
    held = row.value or AlertSuppression()
    id, team, first = alert.occurrence.id, alert.facts.team, alert.version + held.changes - len(told) + 1
    for version, change in enumerate(told, first):
        shown = replace(
            snapshot(alert, ctx.moment.now),
            suppression=held.suppression,
            suppressed_since=held.since,
            version=version,
        )
        ctx.emit(CHANGES, team, Change(
            id=ctx.next_id(row), at=ctx.moment.now, team=team, subject="alert", subject_id=id, what=change.what,
            reason_code=change.code, reason=change.reason, by=change.by, alert_id=id,
            group=alert.groups[0] if alert.groups else "", alert=shown,
        ))  # fmt: skip


def say_chunk(ctx: Context, row: Row[Group | None]) -> None:
    """Say to ourselves which chunk of an acknowledgement obeys next, if one is left."""
    group = row.value
    if group is not None and group.operations:
        ctx.emit(INBOX, "", BulkChunk(
            id=ctx.next_id(row), at=ctx.moment.now, team=group.team, group=group.key, number=group.chunk,
            operation=group.operations[0],
        ))  # fmt: skip


def say_recheck(ctx: Context, row: Row[Cover | None], owner: str) -> None:
    """Say to ourselves which alerts are looked at anew next, if some are left."""
    if row.value is not None and (recheck := row.value.recheck) is not None:
        ctx.emit(INBOX, "", SuppressionChunk(
            id=ctx.next_id(row), at=ctx.moment.now, team=team_of(owner), cover=owner, number=recheck.number,
        ))  # fmt: skip


def publish_digest(
    ctx: Context,
    row: Row[Digest | None],
    team: str,
    digest: Digest,
    plan: EscalationPlan,
    reached: Audiences,
) -> None:
    """Send a team's digest to whom the first step of a plan that reaches anybody reaches now."""
    moment, title = ctx.moment, f"{_alerts(digest.count)} fired and ended while Tocsin was away"
    steps = (*reached.steps, reached.last_resort)
    for to, hops in next((step.reached for step in steps if step.reached), ()):
        ctx.emit(NOTIFY, to, Notification(
            id=ctx.next_id(row), at=moment.now, to=to, team=team, group=f"{team}/digest", what="summary",
            severity="info", title=title, reason_code=NotifyReason.OUTAGE_DIGEST,
            reason=f"{plan.why}; {hops}" if hops else plan.why, step=0,
            count=digest.count, alerts=digest.excerpts, delayed=True, deadline=moment.now + NOTIFICATION_TTL,
        ))  # fmt: skip


def _alerts(count: int) -> str:
    """So many alerts, in words."""
    return f"{count} alert{'' if count == 1 else 's'}"


def publish_document(ctx: Context, row: Row[OwnDocument | None], command: Command, written: Written) -> None:
    """Give a new revision of a document to every stage, and to the product's memory."""
    team, action = command.team, command.action
    assert isinstance(action, PutDocument | DeleteDocument)
    config = write.published(command, written, ctx.next_id(row))
    ctx.emit(CONFIG, f"{team}/{action.type}/{action.name}", config)
    ctx.emit(CHANGES, team, write.change(command, written, ctx.next_id(row), ctx.moment.now))
