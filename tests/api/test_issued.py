"""Tokens that people make for themselves: shown once, listed without their text, ended at once, and never for more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from api.dependencies import Dependencies
from api.http.serve import clock
from streams.access import TeamRole, may_grant
from streams.messages.command import Principal
from tests.api.pages.harness import sent


def bearer(token: str) -> dict[str, str]:
    """The header that asks with another token."""
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def dependencies(dependencies: Dependencies) -> Dependencies:
    """Tokens are read by the real clock: what is made has to be good by it."""
    return replace(dependencies, now=clock)


async def test_made_used_and_ended(member: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    """It works until it is revoked; nobody else sees it but administrators, and nobody sees its text again."""
    made = await member.post("/v1/tokens", json={"teams": ["payments"], "role": "viewer", "lasts": "1h"})
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    token, id_ = made.json()["token"], made.json()["id"]
    who = await member.get("/v1/session", headers=bearer(token))
    assert (who.json()["name"], who.json()["roles"]) == ("mo@example.com", {"payments": "viewer"})
    mine = (await member.get("/v1/tokens")).json()["items"]
    assert [(one["id"], one["kind"], one["teams"]) for one in mine] == [(id_, "token", ["payments"])]
    assert token not in (await admin.get("/v1/tokens")).text
    assert (await member.delete(f"/v1/tokens/{id_}")).status_code == 204
    assert (await member.get("/v1/session", headers=bearer(token))).status_code == 401
    assert (await member.get("/v1/tokens")).json()["items"] == []
    assert (await member.delete(f"/v1/tokens/{id_}")).status_code == 404


@pytest.mark.parametrize(
    ("wish", "status", "words"),
    [
        ({"teams": ["search"]}, 403, "nobody gives more than they have"),
        ({"teams": ["payments"], "role": "admin"}, 403, "is not admin of team 'payments'"),
        ({"is_admin": True}, 403, "only one may make tokens of others"),
        ({"teams": ["payments"], "name": "ada@example.com"}, 403, "only one may make tokens of others"),
        ({"teams": []}, 422, "`teams` is empty"), ({"teams": ["A b"]}, 422, "is no team"),
        ({"teams": ["payments"], "lasts": "91d"}, 422, "between 1m and 90d"),
        ({"teams": ["payments"], "lasts": "1s"}, 422, "between 1m and 90d"),
        ({"teams": ["payments"], "lasts": "soon"}, 422, "`lasts`: 'soon' is not a length of time"),
    ],
)  # fmt: skip
async def test_refused(member: httpx.AsyncClient, wish: dict[str, Any], status: int, words: str) -> None:
    """More than one has, for somebody else, or for longer than may be."""
    answer = await member.post("/v1/tokens", json=wish)
    assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text
    assert (await member.get("/v1/tokens")).json()["items"] == []


async def test_administrators_make_them_for_others(
    admin: httpx.AsyncClient, member: httpx.AsyncClient
) -> None:
    """Anybody's, and end anybody's; a member does not see one that is another's."""
    made = await admin.post(
        "/v1/tokens", json={"name": "board", "teams": ["search"], "role": "viewer", "lasts": "365d"}
    )
    assert made.status_code == 201
    assert (await member.get("/v1/tokens")).json()["items"] == []
    assert (await member.delete(f"/v1/tokens/{made.json()['id']}")).status_code == 404
    assert (await admin.delete(f"/v1/tokens/{made.json()['id']}")).status_code == 204


async def test_page(admin: httpx.AsyncClient, member: httpx.AsyncClient) -> None:
    """The page makes one, shows it this once, lists it and ends it."""
    answer = await sent(member, "/tokens", teams="payments", role="responder", lasts="8h")
    assert ('id="new-token">ey' in answer.text, answer.status_code) == (True, 200)
    page = (await member.get("/tokens")).text
    (one,) = (await member.get("/v1/tokens")).json()["items"]
    assert (one["id"][:8] in page, 'name="is_admin"' in page, "eyJ" in page) == (True, False, False)
    assert 'name="is_admin"' in (await admin.get("/tokens")).text
    ended = await sent(member, f"/tokens/{one['id']}/revoke")
    assert ended.status_code == 200
    assert one["id"][:8] not in (await member.get("/tokens")).text


@pytest.mark.parametrize("mine", list(TeamRole))
@pytest.mark.parametrize("given", list(TeamRole))
def test_nobody_gives_more_than_they_have(mine: TeamRole, given: TeamRole) -> None:
    """In each role up to it and no further; of another team nothing."""
    person, ranks = Principal(name="mo", teams=("payments",), roles={"payments": mine}), list(TeamRole)
    refusal = may_grant(person, "mo", False, {"payments": given})
    assert (refusal is None) is (ranks.index(given) <= ranks.index(mine))
    assert (
        may_grant(person, "mo", False, {"payments": TeamRole.VIEWER, "search": TeamRole.VIEWER}) is not None
    )
