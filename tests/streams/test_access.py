"""Who may do what: administrators everything, members what is their teams', nobody anything else."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from streams.access import OF_TEAMS, Permission, may, readable_teams, require
from streams.codes import RefusalCode
from streams.errors import Refused


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
    """What a command asks for is an action, so respond asks the same question."""
    assert {Permission(word) for word in ("acknowledge", "resolve", "put", "delete")} <= OF_TEAMS


def test_readable_teams() -> None:
    """An administrator reads what is of any team; who is in none reads nothing."""
    assert [readable_teams(who) for who in (ADMIN, MEMBER, NOBODY)] == [None, ["payments"], []]
