"""Tokens of a ContextForge gateway sign in here: whom they name, what they may do, and when they are good no more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import jwt
import pytest

from api.auth.gateway_claims import GatewayTeams
from api.auth.gateway_tokens import AT_ONCE, MOST, NOBODYS, GatewayTokens, gateway_tokens
from api.dependencies import Dependencies
from api.http.app import create
from sources.contextforge.client import Client
from streams.access import TeamRole
from streams.errors import Misconfigured, Refused, Unavailable
from streams.settings import Settings
from tests.api.conftest import ADMIN

NOW = int(time.time())
TEAMS = {"1": "payments", "2": "search", "3": "platform", "4": "tocsin-canary-1", "5": "Not A Name"}


@dataclass
class Gateway:
    """A gateway as far as it says whose a token is; `asked`: which paths, with which tokens."""

    me: dict[str, Any] = field(default_factory=lambda: {"email": "Ann@example.com", "is_admin": False})
    teams: dict[str, str] = field(default_factory=lambda: dict(TEAMS))
    status: int = 200
    open: bool = False  # whether it answers whoever asks
    asked: list[tuple[str, str]] = field(default_factory=list)
    held: asyncio.Event | None = None
    now: float = 0.0

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """What it says to one question."""
        bearer = request.headers["authorization"].removeprefix("Bearer ")
        if bearer == NOBODYS and not self.open:
            return httpx.Response(401, json={"detail": "no"})
        self.asked.append((request.url.path, bearer))
        if self.held is not None:
            await self.held.wait()
        if self.status != 200:
            return httpx.Response(self.status, json={"detail": "no"})
        teams = [{"id": id_, "slug": slug} for id_, slug in self.teams.items()]
        known = {"/v1/auth/email/me": self.me, "/v1/teams/": {"teams": teams, "nextCursor": None}}
        return httpx.Response(200, json=known[request.url.path])

    def tokens(self, *names: str, role: TeamRole = TeamRole.RESPONDER) -> GatewayTokens:
        """What asks it."""

        def client(token: str) -> Client:
            transport = httpx.MockTransport(self.answer)
            return Client("https://gw.example", lambda: token, time.monotonic, transport=transport)

        return GatewayTokens(client, GatewayTeams(names or ("*",), role), lambda: self.now)


def token(**claims: Any) -> str:
    """One of a gateway, by a key that nobody here knows: a session's of its user."""
    usual = {"sub": "7", "iss": "mcpgateway", "token_use": "session", "exp": NOW + 3_600, "jti": "1"}
    told = {name: value for name, value in (usual | claims).items() if value is not ...}
    return jwt.encode(told, "a key of the gateway's that is long", "HS256")


API: dict[str, Any] = {"token_use": "api"}


async def test_a_gateway_that_answers_anybody_proves_nothing() -> None:
    """Where authentication is off, a token that anybody has made would be an administrator's; nobody signs in."""
    gateway = Gateway(open=True, me={"email": "root@example.com", "is_admin": True})
    with pytest.raises(Unavailable, match="AUTH_REQUIRED"):
        await gateway.tokens().read(token(), NOW)
    assert [bearer for _, bearer in gateway.asked] == [NOBODYS]


async def test_a_gateway_that_cannot_be_asked_proves_nothing() -> None:
    """Where it does not say whether it refuses nobody's token, what it says of another one is not asked for."""
    gateway = Gateway(open=True, status=503)
    tokens = gateway.tokens()
    with pytest.raises(Unavailable, match="cannot be asked whose token this is"):
        await tokens.read(token(), NOW)
    assert [bearer for _, bearer in gateway.asked] == [NOBODYS]


async def test_a_refusal_that_is_remembered_is_raised_anew() -> None:
    """The frames of one caller are not kept for all others."""
    tokens, raised = Gateway(me={}).tokens(), list[Refused]()
    for _ in range(3):
        with pytest.raises(Refused) as why:
            await tokens.read(token(), NOW)
        raised.append(why.value)
    assert len({id(why) for why in raised}) == 3


async def test_whom_it_names() -> None:
    """A user with the teams that count, each with the role of the setting; ours are nobody's there."""
    session = await Gateway().tokens(role=TeamRole.EDITOR).read(token(), NOW)
    who = session.principal
    assert (who.name, who.admin, who.teams) == ("ann@example.com", False, ("payments", "search"))
    assert set(who.roles.values()) == {TeamRole.EDITOR}
    assert session.expires == NOW + 300
    few = await Gateway().tokens("search", "platform").read(token(exp=NOW + 60), NOW)
    assert (few.principal.teams, few.expires) == (("search",), NOW + 60)


@pytest.mark.parametrize(
    ("claims", "admin", "teams"),
    [
        ({}, True, ("payments", "search")),
        (API | {"teams": None}, True, ("payments", "search")),
        (API | {"teams": ["2", "9"]}, False, ("search",)),
        (API | {"teams": []}, False, ()),
        (API, False, ()),
        ({"token_use": ...}, False, ()),
        (API | {"teams": "1"}, False, ()),
        (
            API | {"teams": None, "scopes": {"permissions": ["*"], "server_id": None}},
            True,
            ("payments", "search"),
        ),
    ],
)
async def test_an_administrators_token_is_no_more_than_it_says(
    claims: dict[str, Any], admin: bool, teams: tuple[str, ...]
) -> None:
    """What is limited to teams, or to none, makes no administrator here, whoever has made it."""
    gateway = Gateway(me={"email": "root@example.com", "is_admin": True})
    who = (await gateway.tokens().read(token(**claims), NOW)).principal
    assert (who.admin, who.teams) == (admin, teams)


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"exp": NOW - 1}, "has expired"),
        ({"exp": ...}, "never would"),
        ({"exp": "9"}, "never would"),
        ({"scopes": {"permissions": ["tools.read"]}}, "no scopes"),
        ({"scopes": {"server_id": "s"}}, "no scopes"),
        ({"x": "y" * 9_000}, "longer than any"),
    ],
)
async def test_what_is_refused_unasked(claims: dict[str, Any], words: str) -> None:
    """A gateway is not asked about what it could not have made, nor about what is for something else."""
    gateway = Gateway()
    with pytest.raises(Refused, match=words):
        await gateway.tokens().read(token(**claims), NOW)
    assert gateway.asked == []


@pytest.mark.parametrize(
    "me",
    [{"email": ""}, {"email": "a\x1b[2J@x"}, {"email": "a" * 201}, {}, {"email": "a@x", "is_active": False}],
)
async def test_nobody(me: dict[str, Any]) -> None:
    """Whom the gateway does not name, or has switched off, is nobody."""
    with pytest.raises(Refused, match="no active user"):
        await Gateway(me=me).tokens().read(token(), NOW)


async def test_it_is_remembered_for_a_while() -> None:
    """A good answer for a minute, a bad one for ten seconds; at once it is asked once, and then anew."""
    gateway = Gateway()
    tokens, mine = gateway.tokens(), token()
    await asyncio.gather(*(tokens.read(mine, NOW) for _ in range(20)))
    assert [path for path, _ in gateway.asked] == ["/v1/auth/email/me", "/v1/teams/"]
    gateway.status, gateway.now = 401, 61.0
    for after, asked in ((0.0, 3), (5.0, 3), (11.0, 4)):
        gateway.now = 61.0 + after
        with pytest.raises(Refused, match="the gateway refuses this token: 401"):
            await tokens.read(mine, NOW)
        assert len(gateway.asked) == asked


async def test_many_tokens() -> None:
    """So many are asked about at once, and so many remembered; whoever comes then is told to come again."""
    gateway = Gateway(held=asyncio.Event())
    tokens = gateway.tokens()
    waiting = [asyncio.create_task(tokens.read(token(jti=f"{n}"), NOW)) for n in range(AT_ONCE)]
    await asyncio.sleep(0)
    with pytest.raises(Refused, match="try again in a moment"):
        await tokens.read(token(jti="more"), NOW)
    assert gateway.held is not None
    gateway.held.set()
    await asyncio.gather(*waiting)
    for n in range(MOST + 1 - AT_ONCE):
        await tokens.read(token(jti=f"later {n}"), NOW)
    before = len(gateway.asked)
    await tokens.read(token(jti="0"), NOW)  # the oldest is forgotten
    assert len(gateway.asked) == before + 2


@pytest.fixture
def gateway() -> Gateway:
    """One whose tokens are let in."""
    return Gateway()


@pytest.fixture
async def browser(dependencies: Dependencies, gateway: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application that lets them in, by the real clock."""
    wired = replace(dependencies, gateway_tokens=gateway.tokens(), now=lambda: time.time_ns() // 1_000_000)
    transport = httpx.ASGITransport(create(wired))
    async with httpx.AsyncClient(transport=transport, base_url="http://tocsin") as client:
        yield client


def bearing(text: str) -> dict[str, str]:
    """The header."""
    return {"Authorization": f"Bearer {text}"}


async def test_in_the_api(browser: httpx.AsyncClient, gateway: Gateway, dependencies: Dependencies) -> None:
    """It reads and writes as its user may; ours are never shown to the gateway, nor is what says it is ours."""
    session = (await browser.get("/v1/session", headers=bearing(token()))).json()
    assert (session["name"], session["roles"]) == (
        "ann@example.com", {"payments": "responder", "search": "responder"},
    )  # fmt: skip
    before = len(gateway.asked)
    refused = await browser.post("/v1/rules", json={"name": "r"}, headers=bearing(token()))
    assert refused.status_code in (403, 422)
    ours = dependencies.tokens.issue(ADMIN, int(time.time()), 60)
    forged = jwt.encode(jwt.decode(ours, options={"verify_signature": False}), "k" * 31 + "x", "HS256")
    statuses = [
        (await browser.get("/v1/alerts", headers=bearing(text))).status_code
        for text in (ours, forged, "x.y.z")
    ]
    assert (statuses, len(gateway.asked)) == ([200, 401, 401], before)


async def test_where_the_gateway_is_away(browser: httpx.AsyncClient, gateway: Gateway) -> None:
    """It is said that nobody knows, not that the token is wrong; and nothing of it is remembered."""
    gateway.status = 503
    answer = await browser.get("/v1/alerts", headers=bearing(token()))
    assert (answer.status_code, "cannot be asked whose token" in answer.text) == (503, True)
    gateway.status = 200
    assert (await browser.get("/v1/alerts", headers=bearing(token()))).status_code == 200


async def test_in_a_page(browser: httpx.AsyncClient) -> None:
    """A token becomes a cookie for an hour; it makes no token of ours, and ends by itself alone."""
    answer = await browser.post("/v1/session", json={}, headers=bearing(token()))
    assert (answer.status_code, "Max-Age=3600" in answer.headers["set-cookie"]) == (204, True)
    session = (await browser.get("/v1/session")).json()
    assert session["name"] == "ann@example.com"
    proof = {"X-CSRF-Token": session["csrf_token"]}
    wish = {"teams": ["payments"], "role": "responder"}
    for more in (proof, bearing(token())):
        made = await browser.post("/v1/tokens", json=wish, headers=more)
        assert (made.status_code, "sign in by a link" in made.text) == (403, True)
    assert (await browser.delete("/v1/session", headers=bearing(token()))).status_code == 403
    assert (await browser.delete("/v1/session", headers=proof)).status_code == 204
    assert (await browser.get("/v1/session")).status_code == 401


async def test_by_a_token_of_ours(browser: httpx.AsyncClient, dependencies: Dependencies) -> None:
    """One of ours signs a page in too, for no longer than it is good; a wrong one is refused as everywhere."""
    ours = dependencies.tokens.issue(ADMIN, int(time.time()), 120)
    answer = await browser.post("/v1/session", json={}, headers=bearing(ours))
    assert answer.status_code == 204
    lives = int(answer.headers["set-cookie"].partition("Max-Age=")[2].partition(";")[0])
    assert 0 < lives <= 120
    assert (await browser.get("/v1/session")).json()["is_admin"] is True
    assert (await browser.post("/v1/session", json={}, headers=bearing("x"))).status_code == 401
    assert (await browser.post("/v1/session", json={})).status_code == 403


@pytest.mark.parametrize(
    ("url", "teams", "words"),
    [
        ("http://gw.example.com", "*", "unencrypted"),
        ("https://gw.example.com", "", "TOCSIN_SIGN_IN_TEAMS: name the gateway's teams"),
    ],
)
def test_settings_that_are_refused(url: str, teams: str, words: str) -> None:
    """A token that would travel in the clear, and teams that anybody could call as ours are called."""
    given = Settings.read({"TOCSIN_SIGN_IN_GATEWAY": url, "TOCSIN_SIGN_IN_TEAMS": teams})
    with pytest.raises(Misconfigured, match=words):
        gateway_tokens(given)


def test_settings() -> None:
    """Without an address no gateway is asked; with one and teams it is."""
    assert gateway_tokens(Settings()) is None
    given = {"TOCSIN_SIGN_IN_GATEWAY": "https://gw.example.com", "TOCSIN_SIGN_IN_TEAMS": "payments, search"}
    assert gateway_tokens(Settings.read(given)) is not None
