"""Who may do what: the one place that decides it, asked by the API first and by respond again.

Administrators may do everything. Everybody else has a role in each of their teams, may do with what belongs to the team
what the role allows, and nothing that reaches beyond. What is not listed as allowed is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

from streams.codes import RefusalCode
from streams.documents.document import PLATFORM
from streams.errors import Refused


class TeamRole(StrEnum):
    """What somebody is in a team; each may do what those before it may."""

    VIEWER = "viewer"  # reads
    RESPONDER = "responder"  # answers alerts
    EDITOR = "editor"  # says what is wrong and who is told
    ADMIN = "admin"  # says who is in the team


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

    @property
    def roles(self) -> Mapping[str, TeamRole]:
        """What the person is in each team; an editor where it is not said, as before there were roles."""
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
    ESCALATE = "escalate"  # to the next step, without waiting
    SEND_CODE = "send_code"  # to a person, to confirm that it arrives
    CONFIRM_CONTACT = "confirm_contact"  # by the code that came
    EDIT_CONTACT = "edit_contact"  # how a person is reached
    PUT = "put"
    DELETE = "delete"
    APPLY_POLICY = "apply_policy"  # to escalations that run already
    TRY = "try"  # a rule on samples
    TEST = "test"  # an endpoint: somebody hears of it
    EMIT = "emit"  # alerts of the team; events of gateways, which are the platform's
    REACH_PRIVATE = "reach_private"  # an endpoint that may call what only this machine's network can
    HANDLE_DEAD_LETTERS = "handle_dead_letters"  # read what could not be handled, and send it back
    READ_TELEMETRY = "read_telemetry"  # names of gateways and values of labels, whoever's they are


USUAL = TeamRole.EDITOR
# The least role that may do it with what belongs to its team; what is not listed, administrators only.
LEAST: dict[Permission, TeamRole] = {
    Permission.READ: TeamRole.VIEWER,
    Permission.ACKNOWLEDGE: TeamRole.RESPONDER,
    Permission.RESOLVE: TeamRole.RESPONDER,
    Permission.SNOOZE: TeamRole.RESPONDER,
    Permission.UNSNOOZE: TeamRole.RESPONDER,
    Permission.COMMENT: TeamRole.RESPONDER,
    Permission.ASSIGN: TeamRole.RESPONDER,
    Permission.ESCALATE: TeamRole.RESPONDER,
    Permission.EMIT: TeamRole.RESPONDER,
    Permission.SEND_CODE: TeamRole.ADMIN,
    Permission.CONFIRM_CONTACT: TeamRole.ADMIN,
    Permission.EDIT_CONTACT: TeamRole.ADMIN,
    Permission.TRY: TeamRole.EDITOR,
    Permission.TEST: TeamRole.EDITOR,
    Permission.PUT: TeamRole.EDITOR,
    Permission.DELETE: TeamRole.EDITOR,
    Permission.APPLY_POLICY: TeamRole.EDITOR,
}
LEAST_OF_DOCUMENT: dict[str, TeamRole] = {  # to put or delete documents of these kinds, instead
    "dismissal": TeamRole.RESPONDER,
    "silence": TeamRole.RESPONDER,
    "override": TeamRole.RESPONDER,
    "calendar": TeamRole.RESPONDER,
    "view": TeamRole.RESPONDER,
    "person": TeamRole.ADMIN,
    "team": TeamRole.ADMIN,
}
OF_ONESELF = frozenset({Permission.SEND_CODE, Permission.CONFIRM_CONTACT, Permission.EDIT_CONTACT})
_DOCUMENTS = (Permission.PUT, Permission.DELETE)
_RANK = {role: rank for rank, role in enumerate(TeamRole)}


class Refusal(NamedTuple):
    """Why not: the reason for programs, and in words."""

    code: RefusalCode
    says: str


def role(person: Person, team: str) -> TeamRole | None:
    """What the person is in the team; None: nothing."""
    if person.admin:
        return TeamRole.ADMIN
    return person.roles.get(team, USUAL) if team in person.teams else None


def least(action: Permission, kind: str = "") -> TeamRole | None:
    """The least role that may do this; None: administrators only. `kind`: of the document, where it is about one."""
    usual = LEAST.get(action)
    return LEAST_OF_DOCUMENT.get(kind, usual) if action in _DOCUMENTS else usual


def may(person: Person, action: Permission, team: str, kind: str = "") -> Refusal | None:
    """None where the person may do this with what belongs to the team, else why not."""
    if person.admin:
        return None
    needed, mine = least(action, kind), role(person, team)
    if needed is None:
        says = f"{person.name} is no administrator: only one may do this ({action.replace('_', ' ')})"
    elif mine is None:
        says = f"{person.name} is not in team {team!r}: a member or an administrator may do this"
    elif _RANK[mine] < _RANK[needed]:
        says = (
            f"{person.name} is {mine} of team {team!r}: {needed} or an administrator may do this ({action})"
        )
    else:
        return None
    return Refusal(RefusalCode.NOT_PERMITTED, says)


def reads(team: str, owner: str) -> bool:
    """Whether rules of a team may read what an owner has: the platform's all, others what is theirs or nobody's."""
    return team == PLATFORM or owner in ("", team)


def require(person: Person, action: Permission, team: str, kind: str = "") -> None:
    """Refused with the reason unless the person may do this."""
    if refusal := may(person, action, team, kind):
        raise Refused(refusal.says, refusal.code)


def require_own(person: Person, action: Permission, team: str, login: str) -> None:
    """Refused unless the person may do this with the contact data of whoever has this login: their own, or a team's."""
    if not (login and person.name == login and action in OF_ONESELF):
        require(person, action, team)


def may_grant(person: Person, name: str, admin: bool, roles: Mapping[str, TeamRole]) -> Refusal | None:
    """None where the person may issue a token that names somebody with these roles, else why not.

    Administrators any; everybody else for themselves, and with no more than they are.
    """
    if person.admin:
        return None
    more = [
        team for team, of in roles.items() if (mine := role(person, team)) is None or _RANK[of] > _RANK[mine]
    ]
    if admin or name != person.name:
        says = f"{person.name} is no administrator: only one may make tokens of others, or of administrators"
    elif more:
        says = f"{person.name} is not {roles[more[0]]} of team {more[0]!r}: nobody gives more than they have"
    else:
        return None
    return Refusal(RefusalCode.NOT_PERMITTED, says)


def readable_teams(person: Person) -> list[str] | None:
    """The teams whose things the person may read; None: of all teams."""
    if person.admin:
        return None
    return [team for team in person.teams if may(person, Permission.READ, team) is None]
