"""How a recheck goes on: part by part of a team's alerts, and team by team; each step gives where it stands then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import dropwhile

from msgspec.structs import replace

from tables.respond.suppression import cover
from tables.respond.suppression.cover import Cover, Recheck


def parts(alerts: int) -> int:
    """In how many parts so many alerts are looked at."""
    return max(1, -(-alerts // cover.CHUNK))


def begin(known: Cover, teams: Sequence[str], alerts: Callable[[str], int], wide: bool) -> Cover:
    """A recheck begins, or anew where one is under way: what changes meanwhile is never passed over.

    `teams`: whose alerts it may concern, sorted; `alerts`: how many open ones a team has.
    """
    if known.recheck is not None:
        wide = wide or known.recheck.wide
    return _at(known, next_team(teams, "", alerts), alerts, wide)


def following(known: Cover, teams: Sequence[str], alerts: Callable[[str], int]) -> Cover:
    """The next part of the recheck under way, of this team or of the next one; or it is over."""
    recheck = known.recheck
    assert recheck is not None
    if recheck.part + 1 < recheck.parts:
        return replace(known, recheck=replace(recheck, part=recheck.part + 1))
    return _at(known, next_team(teams, recheck.team, alerts), alerts, recheck.wide)


def next_team(teams: Sequence[str], after: str, alerts: Callable[[str], int]) -> str:
    """The first team behind another that has open alerts; "" where none has."""
    return next((team for team in dropwhile(lambda team: team <= after, teams) if alerts(team)), "")


def numbered(known: Cover, now: int) -> Cover:
    """The part that the recheck stands at is left to a chunk of its own, which is overdue after a while."""
    recheck = known.recheck
    if recheck is None:
        return replace(known, overdue_at=None)
    number = known.rechecks + 1
    return replace(
        known, recheck=replace(recheck, number=number), rechecks=number, overdue_at=now + cover.OVERDUE
    )


def _at(known: Cover, team: str, alerts: Callable[[str], int], wide: bool) -> Cover:
    recheck = Recheck(team, 0, parts(alerts(team)), wide, 0) if team else None
    return replace(known, recheck=recheck)
