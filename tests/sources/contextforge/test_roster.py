"""A gateway's teams and members become persons and teams that `tocsin apply` takes."""

from __future__ import annotations

import pytest

from sources.contextforge.answer import Answer, Unauthorised
from sources.contextforge.client import Client
from sources.contextforge.membership import Membership
from sources.contextforge.roster import roster
from streams.documents import registry
from tests.sources.conftest import ScriptedGateway

ROWS = [
    {"user_email": "Ann@example.com", "role": "owner", "is_active": True, "invited_by": None},
    {"user_email": "bob@example.com", "role": "member"},
    {"user_email": "eve@example.com", "role": "member", "is_active": False},
]


@pytest.mark.parametrize("body", [ROWS, {"members": ROWS, "nextCursor": None}])
async def test_members_are_read_in_either_shape(
    client: Client, gateway: ScriptedGateway, body: object
) -> None:
    """With who leads, and who is switched off."""
    gateway.says("/v1/teams/t1/members", 200, body)
    assert await client.members("t1") == Answer(
        [Membership("ann@example.com", True, True), Membership("bob@example.com", False, True),
         Membership("eve@example.com", False, False)]
    )  # fmt: skip


async def test_a_team_that_the_token_may_not_see_is_a_value(client: Client, gateway: ScriptedGateway) -> None:
    """So that the others are imported all the same."""
    gateway.says("/v1/teams/t1/members", 403, {"detail": "Access denied"})
    assert await client.members("t1") == Unauthorised(403, "Access denied")


def member(email: str, lead: bool = False, active: bool = True) -> Membership:
    """One of a team."""
    return Membership(email, lead, active)


def test_people_and_teams_are_documents() -> None:
    """Each person once, for the platform; a team owns the document about itself, with its leads."""
    teams = {"t1": "payments", "t2": "search", "t3": "empty"}
    members = {
        "t1": [
            member("ann@example.com", lead=True),
            member("bob@example.com"),
            member("eve@x.example", active=False),
        ],
        "t2": [member("bob@example.com"), member("no-address")],
    }
    found = roster(teams, members)
    assert [person["name"] for person in found["people"]] == ["ann", "bob"]
    assert found["people"][0] == {
        "name": "ann", "team": "platform", "email": "ann@example.com", "login": "ann@example.com",
        "contact": [{"channel": "email"}],
    }  # fmt: skip
    assert found["teams"] == [
        {"name": "payments", "team": "payments", "members": ["ann", "bob"], "leads": ["ann"]},
        {"name": "search", "team": "search", "members": ["bob"]},
    ]
    for section, bodies in found.items():
        for body in bodies:
            assert registry.read(registry.SECTIONS[section], body).name == body["name"]


def test_two_people_of_one_name_are_told_apart() -> None:
    """By the whole address; signs that no name may hold are replaced."""
    found = roster(
        {"t": "Team A"}, {"t": [member("ann@a.example"), member("ann@b.example"), member("x+y@c.example")]}
    )
    assert [person["name"] for person in found["people"]] == ["ann-a.example", "ann-b.example", "x-y"]
    assert found["teams"][0]["name"] == "team-a"


def test_the_same_answers_give_the_same_file() -> None:
    """In whatever order they came."""
    some = [member("b@x.example"), member("a@x.example", lead=True)]
    assert roster({"t": "t"}, {"t": some}) == roster({"t": "t"}, {"t": some[::-1]})
