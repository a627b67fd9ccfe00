"""The door: what is refused, to whom, and why."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from api.auth.revocation import Revocations
from api.auth.token import PAGE, Tokens
from api.dependencies import Dependencies
from api.http.headers import ALWAYS
from streams.messages.command import Principal

CLOSED = [
    ("GET", "/v1/alerts"),
    ("GET", "/v1/alerts/a"),
    ("POST", "/v1/alerts/a/acknowledge"),
    ("GET", "/v1/rules"),
    ("POST", "/v1/rules"),
    ("POST", "/v1/rules/test"),
    ("DELETE", "/v1/endpoints/x"),
    ("POST", "/v1/plan"),
    ("GET", "/v1/session"),
    ("GET", "/v1/stream"),
    ("GET", "/v1/system"),
    ("GET", "/v1/coverage"),
    ("GET", "/v1/commands/c"),
    ("GET", "/health/lag"),
    ("GET", "/metrics"),
    ("GET", "/nothing/here"),
]


@pytest.mark.parametrize(("method", "path"), CLOSED)
async def test_closed(client: Any, method: str, path: str) -> None:
    """Whatever is not listed as public, even what does not exist, asks for a token first."""
    answer = await client(None).request(method, path, json={})
    assert (answer.status_code, "Bearer" in answer.headers["www-authenticate"]) == (401, True)


@pytest.mark.parametrize(
    "path", ["/", "/static/main.js", "/health/live", "/health/ready", "/v1/openapi.json"]
)
async def test_open(client: Any, path: str) -> None:
    """The page's files, the probes and the schema hold no data and need no token."""
    answer = await client(None).get(path)
    assert answer.status_code == 200
    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS


@pytest.mark.parametrize("name", ["token", "access_token", "ACCESS_TOKEN"])
async def test_query(admin: httpx.AsyncClient, name: str) -> None:
    """A token in the query string is refused even where another one is good, and is not repeated."""
    answer = await admin.get(f"/v1/alerts?{name}=geheim")
    assert answer.status_code == 400
    assert "query string" in answer.text
    assert "geheim" not in answer.text


def spoiled(**claims: Any) -> str:
    """A token of ours in which some claims are otherwise; None: missing."""
    now = int(time.time())
    good = {"sub": "ada", "aud": "tocsin", "iss": "tocsin", "jti": "1", "exp": now + 60, "is_admin": True}
    return jwt.encode({k: v for k, v in (good | claims).items() if v is not None}, "k" * 32, "HS256")


@pytest.mark.parametrize(
    "token",
    [
        spoiled(exp=1),
        spoiled(exp=None),
        spoiled(jti=None),
        spoiled(aud=PAGE),
        spoiled(iss="somebody"),
        spoiled(is_admin="yes"),
        spoiled(teams="payments"),
        jwt.encode({"sub": "ada"}, "another key that is long enough..", "HS256"),
        "nonsense",
        jwt.encode({"sub": "ada", "exp": 4_000_000_000}, "", "none"),
    ],
)
async def test_bad_tokens(client: Any, token: str) -> None:
    """Expired, unbounded, foreign, unsigned or misshapen tokens are refused with a reason."""
    answer = await client(None).get("/v1/alerts", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, "token" in answer.json()["detail"]) == (401, True)


async def test_good_token(client: Any) -> None:
    """The same token unspoiled is let in; other schemes are not."""
    one = client(None)
    assert (await one.get("/v1/alerts", headers={"Authorization": f"Bearer {spoiled()}"})).status_code == 200
    assert (await one.get("/v1/alerts", headers={"Authorization": f"Basic {spoiled()}"})).status_code == 401


def test_rotation() -> None:
    """A token of an older key is accepted as long as that key is listed."""
    token = Tokens(["a" * 32]).issue(Principal(name="ada"), int(time.time()), 60)
    assert Tokens(["b" * 32, "a" * 32]).read(token).principal.name == "ada"


async def signed_in(client: Any, dependencies: Dependencies) -> tuple[httpx.AsyncClient, str]:
    """A page's client with its cookie, and its proof."""
    code = dependencies.signin.new(Principal(name="ada", admin=True), dependencies.now() // 1000)
    one = client(None)
    token = dependencies.tokens.issue(Principal(name="ada", admin=True), int(time.time()), 60, PAGE)
    assert (await one.post("/v1/session", json={"code": code})).status_code == 204
    one.cookies.set("tocsin_session", token)  # a test's clock stands still, the cookie's does not
    return one, (await one.get("/v1/session")).json()["csrf_token"]


async def test_cookie(client: Any, dependencies: Dependencies) -> None:
    """A session cookie reads; scripts cannot read it and other sites cannot send it."""
    code = dependencies.signin.new(Principal(name="ada", admin=True), dependencies.now() // 1000)
    cookie = (await client(None).post("/v1/session", json={"code": code})).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    one, _ = await signed_in(client, dependencies)
    assert (await one.get("/v1/alerts")).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"X-CSRF-Token": "wrong"}, 403),
        ({"X-CSRF-Token": "good", "Origin": "http://evil.example"}, 403),
        ({"X-CSRF-Token": "good", "Origin": "http://tocsin"}, 404),
        ({"X-CSRF-Token": "good"}, 404),
    ],
)
async def test_csrf(client: Any, dependencies: Dependencies, headers: dict[str, str], status: int) -> None:
    """A write with the cookie needs the page's proof, and no foreign origin; then it comes through."""
    one, proof = await signed_in(client, dependencies)
    sent = {name: proof if value == "good" else value for name, value in headers.items()}
    assert (await one.post("/v1/alerts/none/acknowledge", headers=sent)).status_code == status


async def test_signed_out(client: Any, dependencies: Dependencies) -> None:
    """A copy of the cookie is worth nothing after its session was signed out; other sessions go on."""
    one, proof = await signed_in(client, dependencies)
    other, _ = await signed_in(client, dependencies)
    copy, cookies = client(None), [cookie for cookie in one.cookies.jar if not cookie.domain]
    copy.cookies.set("tocsin_session", str(cookies[0].value))
    assert (await copy.get("/v1/alerts")).status_code == 200
    assert (await one.delete("/v1/session", headers={"X-CSRF-Token": proof})).status_code == 204
    answers = [
        await copy.get("/v1/alerts"),
        await copy.post("/v1/rules", json={}, headers={"X-CSRF-Token": proof}),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(401, "not_signed_in")] * 2
    assert (await other.get("/v1/alerts")).status_code == 200


def test_revocations_are_shared_and_forgotten(tmp_path: Path) -> None:
    """Another process of the same folder knows them, and what would have expired anyway is kept no longer."""
    one, other = Revocations(tmp_path), Revocations(tmp_path)
    assert not other.holds("a")
    one.add("a", 100, 50)
    assert (other.holds("a"), other.holds("b")) == (True, False)
    other.add("b", 300, 100)
    assert (one.holds("a"), one.holds("b")) == (False, True)
    assert next((tmp_path / "keys").glob("signed-out.json")).stat().st_mode & 0o077 == 0


async def test_code_once(client: Any, dependencies: Dependencies) -> None:
    """A sign-in code is good once, and a wrong one does not use it up."""
    code = dependencies.signin.new(Principal(name="ada"), dependencies.now() // 1000)
    one = client(None)
    assert [(await one.post("/v1/session", json={"code": c})).status_code for c in ("wrong", code, code)] == [
        403,
        204,
        403,
    ]


async def test_code_ages(client: Any, dependencies: Dependencies) -> None:
    """A sign-in code is good for ten minutes."""
    code = dependencies.signin.new(Principal(name="ada"), dependencies.now() // 1000 - 600)
    assert (await client(None).post("/v1/session", json={"code": code})).status_code == 403


async def test_codes_of_several_people(dependencies: Dependencies) -> None:
    """A second link leaves the first person's as it is; what is too old to be used is not kept."""
    now = dependencies.now() // 1000
    dependencies.signin.new(Principal(name="late"), now - 600)
    codes = [dependencies.signin.new(Principal(name=name), now) for name in ("ada", "ben")]
    assert len(list((Path(dependencies.settings.data) / "keys" / "sign-in").iterdir())) == 2
    found = [dependencies.signin.redeem(code, now) for code in (*codes, codes[0])]
    assert [who and who.name for who in found] == ["ada", "ben", None]


async def test_code_is_kept_as_hash(dependencies: Dependencies) -> None:
    """Who reads the file of the code cannot sign in with it."""
    code = dependencies.signin.new(Principal(name="ada"), 0)
    (file,) = (Path(dependencies.settings.data) / "keys" / "sign-in").iterdir()
    assert code not in file.name + file.read_text()
    assert file.stat().st_mode & 0o077 == 0


def test_a_link_for_somebody(tocsin: Any, dependencies: Dependencies) -> None:
    """A link names whom it is for: as an administrator, or as a member of teams."""
    for words, who in (
        (["ada"], Principal(name="ada", admin=True)),
        (["mo", "--team", "payments"], Principal(name="mo", teams=("payments",))),
    ):
        code = tocsin("sign-in", *words)[1].strip().partition("#code=")[2]
        assert dependencies.signin.redeem(code, int(time.time())) == who


async def test_files_are_asked_for_anew(client: Any) -> None:
    """After an update no browser mixes the files of two pages; what holds data is kept nowhere."""
    answers = [await client(None).get(path) for path in ("/static/main.js", "/", "/v1/alerts")]
    assert [one.headers["cache-control"] for one in answers] == ["no-cache", "no-store", "no-store"]
