"""Whether people are told of an alert: snooze, silence, maintenance, inhibition; the first that holds counts."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from streams.calendar.instant import spell
from streams.canary.names import is_canary
from streams.codes import AlertReason, SuppressionReason
from streams.messages.alert import Suppression
from streams.messages.bulk import Span
from tables.kernel.row_store import END
from tables.respond.alert.state import Alert, Announcement, SnoozeMark, alert_owner, matchable
from tables.respond.context import Context
from tables.respond.group.state import Group
from tables.respond.levels import ALERT, COVER, SUPPRESSION
from tables.respond.route.state import owners
from tables.respond.suppression.cover import RECHECKING, document_of, reaches
from tables.respond.suppression.state import AlertSuppression, Found
from tables.respond.suppression.suppressors import indexed, key, source_name, targeting

WHOLE = Span("", END)


def suppress(ctx: Context, alert: Alert) -> Found | None:
    """Why nobody is told of an alert now; None where people are, or it is over, or a canary."""
    if not alert.open or is_canary(alert.facts.team):
        return None
    now, snooze = ctx.moment.now, alert.snooze
    if snooze is not None and now < snooze.until:
        kind, reason = SuppressionReason.SNOOZE, snoozing(snooze)
        return Found(Suppression(kind=kind, by=snooze.by, until=snooze.until, reason=reason))
    teams, labels = owners(alert.facts.team), matchable(alert.facts, alert.severity)
    return ctx.suppressors.covering(teams, labels, now) or _inhibited(ctx, alert.facts.team, labels)


def was_suppressed(ctx: Context, alert: Alert) -> bool:
    """Whether nobody would have been told of an alert that fired and ended: neither when it did nor by its end."""
    teams, labels = owners(alert.facts.team), matchable(alert.facts, alert.severity)
    ended = alert.resolution.at if alert.resolution is not None else ctx.moment.now
    instants = (alert.occurrence.triggered_at, ended)
    covered = all(ctx.suppressors.covering(teams, labels, at) is not None for at in instants)
    return covered or _inhibited(ctx, alert.facts.team, labels) is not None


def _inhibited(ctx: Context, team: str, labels: Mapping[str, str]) -> Found | None:
    """The inhibition of which a source fires, in the order of owners and names."""
    for inhibition in targeting(ctx.suppressors.inhibitions(owners(team)), labels):
        source = ctx.first(ALERT, indexed(team, source_name(inhibition, labels)))
        alert = None if source is None else ctx.get(ALERT, source)
        if alert is not None:
            name = f"{alert.facts.rule} on {alert.facts.gateway}"
            reason = f"inhibited by {name}, which fires (inhibition {inhibition.name} of {inhibition.team})"
            kind, by = SuppressionReason.INHIBITION, alert.occurrence.id
            return Found(Suppression(kind=kind, by=by, reason=reason), key(inhibition))
    return None


def is_stale(ctx: Context, owner: str, alert: Alert) -> bool:
    """Whether what holds of an alert now is another suppression than its row says."""
    known, current = ctx.get(SUPPRESSION, owner), suppress(ctx, alert)
    return (known.suppression if known else None) != (current.suppression if current else None)


def is_under_way(ctx: Context, group: Group) -> bool:
    """Whether some of a group's alerts are about to be suppressed, or released, and their turn has not come yet."""
    if not ctx.count(COVER, RECHECKING):
        return False
    covers = [owner for owner in ctx.owners(COVER, RECHECKING, WHOLE) if reaches(owner, group.team)]
    return any(_awaits(ctx, owner, group) for owner in covers)


def _awaits(ctx: Context, cover: str, group: Group) -> bool:
    """Whether a recheck has still to come to one of a group's alerts."""
    known, name, team = ctx.get(COVER, cover), document_of(cover), group.team
    held = (value.fingerprint for value in ctx.scan(SUPPRESSION, name) if group.key in value.groups)
    if any(_changes(ctx, team, fingerprint) for fingerprint in held):
        return True
    if known is None or known.recheck is None or not known.recheck.wide:
        return False
    document = ctx.suppressors.get(name)
    return any(
        _changes(ctx, team, alert.facts.fingerprint)
        for alert in ctx.scan(ALERT, group.key)
        if ctx.suppressors.concerns(document, matchable(alert.facts, alert.severity))
    )


def _changes(ctx: Context, team: str, fingerprint: str) -> bool:
    owner = alert_owner(team, fingerprint)
    alert = ctx.get(ALERT, owner)
    return alert is not None and is_stale(ctx, owner, alert)


def next_suppression(
    known: AlertSuppression | None, alert: Alert, cause: Found | None, now: int
) -> tuple[AlertSuppression, Announcement | None]:
    """The row with what holds now, and what the product's memory keeps of it; None: nothing has changed."""
    before = known or AlertSuppression()
    if cause is None:
        after = AlertSuppression(changes=before.changes)
        if before.suppression is None or not alert.open:
            return after, None
        announcement = Announcement("released", ended(before), code=AlertReason.RELEASED)
        return replace(after, changes=before.changes + 1), announcement
    after = AlertSuppression(
        suppression=cause.suppression, since=now if before.since is None else before.since, document=cause.document,
        fingerprint=alert.facts.fingerprint, groups=alert.groups, changes=before.changes,
    )  # fmt: skip
    if cause.suppression == before.suppression:
        return after, None
    by = cause.suppression.by if cause.suppression.kind is SuppressionReason.SNOOZE else ""
    announcement = Announcement("suppressed", cause.suppression.reason, by, cause.suppression.kind)
    return replace(after, changes=before.changes + 1), announcement


def ended(before: AlertSuppression) -> str:
    """Why people hear of it now, in words."""
    assert before.suppression is not None
    since = spell(before.since or 0)
    return f"was suppressed since {since} ({before.suppression.reason}), and is still firing"


def snoozing(snooze: SnoozeMark) -> str:
    """Why nobody hears of a snoozed alert, in words."""
    notes = f": {snooze.notes}" if snooze.notes else ""
    return f"{snooze.by} snoozed it until {spell(snooze.until)}{notes}"
