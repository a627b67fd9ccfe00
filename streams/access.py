"""Who may do what: the one place that decides it, asked by the API first and by respond again.

Administrators may do everything; everybody else may do what belongs to their teams, and nothing that reaches beyond
them. What is not listed as allowed is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

from streams.codes import RefusalCode
from streams.errors import Refused


class Person(Protocol):
    """Whoever asks, as the API has verified it."""

    @property
    def name(self) -> str:
        """Who it is, for people."""
        ...

    @property
    def admin(self) -> bool:
        """Whether everything is allowed."""
        ...

    @property
    def teams(self) -> Sequence[str]:
        """The teams that the person is in."""
        ...


class Permission(StrEnum):
    """What somebody wants to do; commands bear the same words."""

    READ = "read"  # alerts, documents, and what became of commands
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    SNOOZE = "snooze"
    UNSNOOZE = "unsnooze"
    COMMENT = "comment"
    ASSIGN = "assign"
    PUT = "put"
    DELETE = "delete"
    APPLY_POLICY = "apply_policy"  # to escalations that run already
    TRY = "try"  # a rule on samples
    REACH_PRIVATE = "reach_private"  # an endpoint that may call what only this machine's network can
    READ_TELEMETRY = "read_telemetry"  # names of gateways and values of labels, whoever's they are


OF_TEAMS = frozenset(
    {
        Permission.READ,
        Permission.ACKNOWLEDGE,
        Permission.RESOLVE,
        Permission.SNOOZE,
        Permission.UNSNOOZE,
        Permission.COMMENT,
        Permission.ASSIGN,
        Permission.PUT,
        Permission.DELETE,
        Permission.APPLY_POLICY,
        Permission.TRY,
    }
)


class Refusal(NamedTuple):
    """Why not: the reason for programs, and in words."""

    code: RefusalCode
    says: str


def may(person: Person, action: Permission, team: str) -> Refusal | None:
    """None where the person may do this with what belongs to the team, else why not."""
    if person.admin or (action in OF_TEAMS and team in person.teams):
        return None
    if action in OF_TEAMS:
        says = f"{person.name} is not in team {team!r}: a member or an administrator may do this"
    else:
        says = f"{person.name} is no administrator: only one may do this ({action.replace('_', ' ')})"
    return Refusal(RefusalCode.NOT_PERMITTED, says)


def require(person: Person, action: Permission, team: str) -> None:
    """Refused with the reason unless the person may do this."""
    if refusal := may(person, action, team):
        raise Refused(refusal.says, refusal.code)


def readable_teams(person: Person) -> list[str] | None:
    """The teams whose things the person may read; None: of all teams."""
    return None if person.admin else list(person.teams)
