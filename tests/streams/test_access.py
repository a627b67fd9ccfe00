"""Who may do what: administrators everything, members what their role allows in their teams, nobody anything else."""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple, get_args, get_type_hints

import pytest

from streams.access import (
    LEAST,
    LEAST_OF_DOCUMENT,
    OF_ONESELF,
    Permission,
    TeamRole,
    least,
    may,
    readable_teams,
    require,
    require_own,
    role,
)
from streams.codes import RefusalCode
from streams.errors import Refused
from streams.messages.command import Command, Principal

RANKS = list(TeamRole)


class Somebody(NamedTuple):
    """A person of any type that says name, admin, teams and roles."""

    name: str = "mo"
    admin: bool = False
    teams: tuple[str, ...] = ()
    roles: MappingProxyType[str, TeamRole] = MappingProxyType({})


def member(role: TeamRole) -> Somebody:
    """A member of payments in this role."""
    return Somebody(
        role, teams=("payments",), roles=MappingProxyType({"payments": role, "search": TeamRole.ADMIN})
    )


ADMIN, MEMBER, NOBODY = Somebody("ada", True), Somebody("mo", teams=("payments",)), Somebody("eve")


@pytest.mark.parametrize("action", Permission)
def test_matrix(action: Permission) -> None:
    """Every action, by every kind of person, on an own and on a foreign team."""
    allowed = {
        (who.name, team)
        for who in (ADMIN, *map(member, TeamRole), NOBODY)
        for team in ("payments", "search")
        if may(who, action, team) is None
    }
    everywhere = {("ada", "payments"), ("ada", "search")}
    needed = LEAST.get(action)
    members = RANKS[RANKS.index(needed) :] if needed else []
    assert allowed == everywhere | {(role, "payments") for role in members}


@pytest.mark.parametrize("kind", [*LEAST_OF_DOCUMENT, "rule", "endpoint", "unheard-of"])
@pytest.mark.parametrize("action", [Permission.PUT, Permission.DELETE])
def test_documents(action: Permission, kind: str) -> None:
    """What a responder needs at night a responder may write; who is in the team its admins alone; the rest editors."""
    needed = least(action, kind)
    assert needed == LEAST_OF_DOCUMENT.get(kind, TeamRole.EDITOR)
    allowed = [role for role in TeamRole if may(member(role), action, "payments", kind) is None]
    assert allowed == RANKS[RANKS.index(needed) :]


def test_a_kind_opens_nothing_else() -> None:
    """The kind of a document matters for writing it only."""
    assert [least(action, "silence") for action in Permission if action not in ("put", "delete")] == [
        LEAST.get(action) for action in Permission if action not in ("put", "delete")
    ]


@pytest.mark.parametrize("action", Permission)
def test_refusal(action: Permission) -> None:
    """A refusal bears its code and says who is refused, and who may."""
    with pytest.raises(Refused, match=r"eve is .*administrator.* may do this") as why:
        require(NOBODY, action, "payments")
    assert why.value.code is RefusalCode.NOT_PERMITTED


def test_a_role_that_is_too_little_is_named() -> None:
    """Somebody in the team hears which role it takes."""
    with pytest.raises(Refused, match=r"viewer is viewer of team 'payments': responder or an administrator"):
        require(member(TeamRole.VIEWER), Permission.ACKNOWLEDGE, "payments")


def test_commands_bear_the_same_words() -> None:
    """Whatever a command can ask for is an action of this file, so respond asks the same question."""
    kinds = get_args(get_type_hints(Command)["action"])
    assert {Permission(kind.__struct_config__.tag) for kind in kinds} <= LEAST.keys()
    assert len(kinds) >= 4


def test_a_role_counts_in_ones_own_teams_only() -> None:
    """A role for a team that one is not in is none; without a word a member is an editor, as ever."""
    assert [role(who, "search") for who in (ADMIN, member(TeamRole.EDITOR), NOBODY)] == [
        TeamRole.ADMIN,
        None,
        None,
    ]
    assert role(MEMBER, "payments") is TeamRole.EDITOR
    before = Principal(name="mo", teams=("payments",))
    usual = [action for action in LEAST if action not in OF_ONESELF]
    assert [may(before, action, "payments") for action in usual] == [None] * len(usual)


def test_readable_teams() -> None:
    """An administrator reads what is of any team; who is in none reads nothing."""
    assert [readable_teams(who) for who in (ADMIN, MEMBER, NOBODY)] == [None, ["payments"], []]


@pytest.mark.parametrize("action", Permission)
def test_ones_own_contact_data_is_ones_own(action: Permission) -> None:
    """By one's login, in whatever team; nothing else is, and an empty login is nobody's."""
    stranger = Principal(name="mo")
    for login, own in (("mo", action in OF_ONESELF), ("eve", False), ("", False)):
        if own:
            require_own(stranger, action, "payments", login)
        else:
            with pytest.raises(Refused):
                require_own(stranger, action, "payments", login)
