"""The alerts of a group, which keeps counts and no members: who is suppressed, and whom a notification shows."""

from __future__ import annotations

from heapq import nsmallest

from streams.messages.alert import AlertExcerpt
from tables.respond.alert.excerpt import excerpt
from tables.respond.alert.lifecycle import RANK, Status
from tables.respond.alert.standing import effective_status
from tables.respond.alert.state import Alert
from tables.respond.context import Context
from tables.respond.group.state import Group, GroupStanding
from tables.respond.levels import ALERT, SUPPRESSION

EXCERPTS = 20


def excerpts(ctx: Context, group: Group, status: Status) -> tuple[AlertExcerpt, ...]:
    """The alerts that a notification shows: those of a status before the others, the worst, the oldest.

    What is suppressed is none of them.
    """
    hidden = suppressed_in(ctx, group)

    def rank(alert: Alert) -> tuple[bool, int, int, str]:
        other = effective_status(group.operations, alert) is not status
        return other, -RANK[alert.severity], alert.occurrence.triggered_at, alert.facts.fingerprint

    shown = (alert for alert in ctx.scan(ALERT, group.key) if alert.facts.fingerprint not in hidden)
    few = group.count() <= EXCERPTS
    first = sorted(shown, key=rank)[:EXCERPTS] if few else nsmallest(EXCERPTS, shown, rank)
    return tuple(excerpt(alert, group.operations) for alert in first)


def suppressed_in(ctx: Context, group: Group) -> frozenset[str]:
    """The fingerprints of the alerts of a group of which nobody is told."""
    if not group.count(GroupStanding.SUPPRESSED):
        return frozenset()
    return frozenset(value.fingerprint for value in ctx.scan(SUPPRESSION, group.key))
