"""The cookie of a session: whom browsers send it to, who else can set it, and what cookies of others do."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from http.cookies import SimpleCookie

import httpx
import pytest

from api.auth.token import PAGE, Tokens
from api.dependencies import Dependencies
from api.http.app import create
from api.http.serve import clock
from tests.api.conftest import ADMIN

LOOPBACK, NAMED, BY_TLS = "http://127.0.0.1:8400", "http://tocsin.localhost:8400", "https://tocsin.example"


@pytest.fixture
def dependencies(dependencies: Dependencies) -> Dependencies:
    """Cookies end by the real clock."""
    return replace(dependencies, now=clock)


@pytest.fixture
async def browser(dependencies: Dependencies) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a jar of cookies, which every address leads to the application."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create(dependencies))) as client:
        yield client


@pytest.fixture
def code(dependencies: Dependencies) -> Callable[[], str]:
    """The codes of new sign-in links."""
    return lambda: dependencies.signin.new(ADMIN, int(time.time()))


@pytest.mark.parametrize(
    ("address", "name", "secure"),
    [(LOOPBACK, "tocsin_session", False), (BY_TLS, "__Host-tocsin_session", True)],
)
async def test_whose_it_is(
    browser: httpx.AsyncClient, code: Callable[[], str], address: str, name: str, secure: bool
) -> None:
    """It belongs to one name alone, no script and no other site has it, and by TLS none but this name can set it."""
    answer = await browser.post(f"{address}/v1/session", json={"code": code()})
    (cookie,) = SimpleCookie(answer.headers["set-cookie"]).values()
    assert (cookie.key, cookie["domain"], cookie["path"]) == (name, "", "/")
    assert (bool(cookie["secure"]), bool(cookie["httponly"]), cookie["samesite"]) == (secure, True, "strict")
    session = await browser.get(f"{address}/v1/session")
    assert session.status_code == 200
    proof = {"X-CSRF-Token": session.json()["csrf_token"]}
    gone = await browser.delete(f"{address}/v1/session", headers=proof)
    (ended,) = SimpleCookie(gone.headers["set-cookie"]).values()
    assert (gone.status_code, ended.key, ended["max-age"], bool(ended["secure"])) == (204, name, "0", secure)
    assert (await browser.get(f"{address}/v1/session")).status_code == 401


async def test_by_tls_no_other_cookie_counts(browser: httpx.AsyncClient, dependencies: Dependencies) -> None:
    """What a neighbour by name, or plain http, could have set is no session."""
    token = dependencies.tokens.issue(ADMIN, int(time.time()), 60, PAGE)
    for name, status in (("tocsin_session", 401), ("__Host-tocsin_session", 200)):
        answer = await browser.get(f"{BY_TLS}/v1/session", headers={"Cookie": f"{name}={token}"})
        assert answer.status_code == status


async def test_a_name_of_its_own_on_this_machine(browser: httpx.AsyncClient, code: Callable[[], str]) -> None:
    """Cookies know no ports, but names: one of `tocsin.localhost` is sent to nothing else on 127.0.0.1."""
    await browser.post(f"{NAMED}/v1/session", json={"code": code()})
    session = await browser.get(f"{NAMED}/v1/session")
    sent = {"X-CSRF-Token": session.json()["csrf_token"], "Origin": NAMED}
    assert (await browser.post(f"{NAMED}/v1/alerts/none/acknowledge", headers=sent)).status_code == 404
    assert (await browser.get(f"{LOOPBACK}/v1/session")).status_code == 401
    assert "cookie" not in browser.build_request("GET", "http://127.0.0.1:9999/").headers
    assert "cookie" in browser.build_request("GET", f"{NAMED}/").headers


@pytest.mark.parametrize(
    "other", ["nonsense", "", "a" * 8_000, Tokens(["o" * 32]).issue(ADMIN, 1, 9**9, PAGE), '"']
)
async def test_cookies_of_others(browser: httpx.AsyncClient, other: str) -> None:
    """What another program on this machine has set under the same name is no session, and no fault."""
    answer = await browser.get(f"{LOOPBACK}/v1/alerts", headers={"Cookie": f"a=b; tocsin_session={other}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
