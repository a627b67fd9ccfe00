"""Who may do what: administrators everything, members what is their teams', nobody anything else."""

from __future__ import annotations

from typing import NamedTuple, get_args, get_type_hints

import pytest

from streams.access import OF_TEAMS, Permission, may, readable_teams, require
from streams.codes import RefusalCode
from streams.errors import Refused
from streams.messages.command import Command


class Somebody(NamedTuple):
    """A person of any type that says name, admin and teams."""

    name: str = "mo"
    admin: bool = False
    teams: tuple[str, ...] = ()


ADMIN, MEMBER, NOBODY = Somebody("ada", True), Somebody("mo", teams=("payments",)), Somebody("eve")


@pytest.mark.parametrize("action", Permission)
def test_matrix(action: Permission) -> None:
    """Every action, by every kind of person, on an own and on a foreign team."""
    allowed = {
        (who.name, team)
        for who in (ADMIN, MEMBER, NOBODY)
        for team in ("payments", "search")
        if may(who, action, team) is None
    }
    everywhere = {("ada", "payments"), ("ada", "search")}
    assert allowed == everywhere | ({("mo", "payments")} if action in OF_TEAMS else set())


@pytest.mark.parametrize("action", Permission)
def test_refusal(action: Permission) -> None:
    """A refusal bears its code and says who is refused, and who may."""
    with pytest.raises(Refused, match=r"eve is .*administrator.* may do this") as why:
        require(NOBODY, action, "payments")
    assert why.value.code is RefusalCode.NOT_PERMITTED


def test_commands_bear_the_same_words() -> None:
    """Whatever a command can ask for is an action of this file, so respond asks the same question."""
    kinds = get_args(get_type_hints(Command)["action"])
    assert {Permission(kind.__struct_config__.tag) for kind in kinds} <= OF_TEAMS
    assert len(kinds) >= 4


def test_readable_teams() -> None:
    """An administrator reads what is of any team; who is in none reads nothing."""
    assert [readable_teams(who) for who in (ADMIN, MEMBER, NOBODY)] == [None, ["payments"], []]
