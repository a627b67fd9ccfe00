"""The path of a silence, a window or an inhibition: it begins, changes or ends, and alerts are looked at anew."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from msgspec.structs import replace

from streams.documents.document import PLATFORM, Owned
from streams.messages.bulk import SuppressionChunk, span
from tables.kernel.row import Row
from tables.respond.alert.state import matchable
from tables.respond.context import Context
from tables.respond.levels import ALERT, COVER, SUPPRESSION, TEAM
from tables.respond.pipeline import look_again
from tables.respond.publish import publish_recheck
from tables.respond.suppression import cover, recheck
from tables.respond.suppression.cover import Cover, Recheck, cover_owner, document_of, team_of
from tables.respond.suppression.state import AlertSuppression
from tables.respond.suppression.suppressors import key


class FailedRow(NamedTuple):
    """An alert that could not be looked at, and why."""

    alert: str
    why: Exception


def document_changed(ctx: Context, before: Owned | None, after: Owned | None) -> list[FailedRow]:
    """A document that suppresses has come, changed or gone."""
    known = after or before
    assert known is not None
    return _look(ctx, cover_owner(known.team, key(known)), wide=True)


def sources_changed(ctx: Context) -> list[FailedRow]:
    """Alerts have begun, or ceased, to inhibit others: once for all that one input brought."""
    failures: list[FailedRow] = []
    for owner, begun in sorted(ctx.sources.items()):
        failures += _look(ctx, owner, wide=begun)
    ctx.sources.clear()
    return failures


def cover_due(ctx: Context, row: Row[Cover | None], owner: str) -> list[FailedRow]:
    """A silence or a window begins or ends now; or nothing was heard of a chunk for long, and it is said again."""
    known = row.value
    if known is None or (known.at is not None and known.at <= ctx.moment.now):
        return _begin(ctx, row, owner, wide=True)
    row.value = recheck.numbered(known, ctx.moment.now)
    publish_recheck(ctx, row, owner)
    return []


def chunk_came(ctx: Context, chunk: SuppressionChunk) -> list[FailedRow]:
    """The next part of a recheck; one that comes twice, or of a recheck that has begun anew, is passed over."""
    known = ctx.get(COVER, chunk.cover)
    if known is None or known.recheck is None or known.recheck.number != chunk.number:
        return []
    row = ctx.open(COVER, chunk.cover)
    return [] if row is None else _carry_on(ctx, row, chunk.cover)


def snooze_due(ctx: Context, row: Row[AlertSuppression | None], owner: str) -> None:
    """A snooze ends."""
    if row.value is not None:
        look_again(ctx, owner)


def _look(ctx: Context, owner: str, wide: bool) -> list[FailedRow]:
    row = ctx.open(COVER, owner)
    return [] if row is None else _begin(ctx, row, owner, wide)


def _begin(ctx: Context, row: Row[Cover | None], owner: str, wide: bool) -> list[FailedRow]:
    """A recheck begins. `wide`: more may be suppressed than before, where the document holds now."""
    document, now = ctx.suppressors.get(document_of(owner)), ctx.moment.now
    known = replace(row.value or Cover(), at=ctx.suppressors.next_change(document, now))
    wide = wide and ctx.suppressors.holds(document, now)
    row.value = recheck.begin(known, _teams(ctx, owner), partial(ctx.count, ALERT), wide)
    return _carry_on(ctx, row, owner)


def _carry_on(ctx: Context, row: Row[Cover | None], owner: str) -> list[FailedRow]:
    """Look at as many alerts as one input may; the others follow in chunks."""
    failures: list[FailedRow] = []
    room, count = cover.CHUNK, partial(ctx.count, ALERT)
    while (known := row.value) is not None and known.recheck is not None and room > 0:
        room -= max(1, count(known.recheck.team) // known.recheck.parts)
        failures += _part(ctx, document_of(owner), known.recheck)
        row.value = recheck.following(known, _teams(ctx, owner), count)
    assert row.value is not None
    row.value = recheck.numbered(row.value, ctx.moment.now)
    publish_recheck(ctx, row, owner)
    if row.value.recheck is None and row.value.at is None:
        ctx.mark_deleted(row)
    return failures


def _part(ctx: Context, document: str, part: Recheck) -> list[FailedRow]:
    """One part of a team's alerts, each by itself; returns those that failed."""
    within, known = span(f"{part.team}/", part.part, part.parts), ctx.suppressors.get(document)
    alerts = ctx.owners(ALERT, part.team, within) if part.wide else ctx.owners(SUPPRESSION, document, within)
    failures: list[FailedRow] = []
    for owner in alerts:
        if part.wide and not _concerned(ctx, owner, document, known):
            continue
        if why := ctx.savepoint(look_again, ctx, owner):
            failures.append(FailedRow(owner, why))
    return failures


def _concerned(ctx: Context, owner: str, name: str, document: Owned | None) -> bool:
    """Whether a document suppresses an alert, or may do so now."""
    alert, held = ctx.get(ALERT, owner), ctx.get(SUPPRESSION, owner)
    if alert is None or (held is not None and held.document == name):
        return alert is not None
    return ctx.suppressors.concerns(document, matchable(alert.facts, alert.severity))


def _teams(ctx: Context, owner: str) -> list[str]:
    """Whose alerts a row's rechecks look at, sorted."""
    team = team_of(owner)
    return ctx.all_owners(TEAM) if team == PLATFORM else [team]
