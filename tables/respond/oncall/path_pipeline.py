"""The path of the nightly walk: each policy of ours is looked at, and where it ends without anybody its team hears."""

from __future__ import annotations

from streams.documents.policy import Policy
from streams.messages.verdict import Verdicts
from streams.topics import INBOX
from tables.kernel.row import Row
from tables.respond.context import Context
from tables.respond.levels import DOCUMENT, PATH
from tables.respond.oncall import critical_path
from tables.respond.oncall.critical_path import AHEAD, DeadEnd, path_of
from tables.respond.oncall.path_watch import PathWatch, next_night, verdict, walked


def policy_changed(ctx: Context, before: Policy | None, after: Policy | None) -> None:
    """A policy has come, changed or gone: it is walked from the next night on, or not any more."""
    known = after or before
    if known is None or ctx.get(DOCUMENT, f"{known.team}/{Policy.type}/{known.name}") is None:
        return  # another partition owns it
    owner = f"{known.team}/{known.name}"
    row = ctx.open(PATH, owner)
    if row is None:
        return
    if after is None:
        _tell(ctx, row, known, [])
        ctx.mark_deleted(row)
    elif row.value is None:
        row.value = PathWatch(next_night(owner, ctx.moment.now))


def path_due(ctx: Context, row: Row[PathWatch | None], owner: str) -> None:
    """The night's walk of one policy over 14 days."""
    team, name = owner.split("/", 1)
    policy, watch, now = ctx.document(Policy, team, name), row.value, ctx.moment.now
    if policy is None or watch is None:
        ctx.mark_deleted(row)
        return
    ends = critical_path.dead_ends(ctx, team, path_of(policy), now, now + AHEAD)
    _tell(ctx, row, policy, ends)
    row.value = walked(watch, owner, ends, now)


def _tell(ctx: Context, row: Row[PathWatch | None], policy: Policy, ends: list[DeadEnd]) -> None:
    """The team hears of a dead end, once for as long as there is one, and that there is none any more."""
    told = row.value is not None and row.value.told
    if told == bool(ends):
        return
    why = f"it owns policy {policy.name}"
    verdicts = [verdict(policy, ends, ctx.moment)]
    id, at = ctx.next_id(row), ctx.moment.now
    ctx.emit(INBOX, policy.team, Verdicts(id=id, at=at, verdicts=verdicts, team=policy.team, why_team=why))
