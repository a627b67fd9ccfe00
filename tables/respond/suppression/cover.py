"""The row of a silence, a window or an inhibition: when it begins or ends, and how far alerts have been looked at anew.

What it covers may be a hundred thousand alerts: they are looked at in chunks, and other inputs come in between.
"""

from __future__ import annotations

import msgspec

from streams.documents.document import PLATFORM

CHUNK = 1_000  # alerts that one input looks at anew, about: some tenths of a second
OVERDUE = 60_000  # ms after which a chunk of which nothing was heard is said again
RECHECKING = "rechecking"  # the name under which rows with a recheck under way are looked for


class Recheck(msgspec.Struct, frozen=True):
    """Where a recheck stands: at one of so many parts of a team's alerts. `number`: of the chunk that does it.

    `wide`: all open alerts are looked at, since more may be covered than before; else those that it suppresses.
    """

    team: str
    part: int
    parts: int
    wide: bool
    number: int


class Cover(msgspec.Struct, frozen=True, kw_only=True):
    """The row of a document that suppresses. `at`: when it begins or ends next; `overdue_at`: both ms UTC."""

    at: int | None = None
    recheck: Recheck | None = None
    overdue_at: int | None = None
    rechecks: int = 0  # numbers of chunks that have been given


def deadline(cover: Cover) -> int | None:
    """When it begins or ends next, or its present chunk is overdue, ms UTC."""
    return min((at for at in (cover.at, cover.overdue_at) if at is not None), default=None)


def index(cover: Cover) -> tuple[str, ...]:
    """Whether a recheck is under way."""
    return () if cover.recheck is None else (RECHECKING,)


def cover_owner(team: str, document: str) -> str:
    """Whose row it is. `team`: whose alerts are looked at, `platform` for those of all teams; `document`: its key."""
    return f"{team}/{document}"


def team_of(owner: str) -> str:
    """Whose alerts are looked at."""
    return owner.partition("/")[0]


def document_of(owner: str) -> str:
    """The key of the document."""
    return owner.partition("/")[2]


def reaches(owner: str, team: str) -> bool:
    """Whether a recheck looks at alerts of a team."""
    return team_of(owner) in (team, PLATFORM)
