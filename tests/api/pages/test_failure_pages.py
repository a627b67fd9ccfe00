"""Failures on pages: the API's status and words, as a page with a way on, or as a sentence beside its button."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from api.http.app import create
from streams.errors import Unavailable
from tests.api.conftest import ADMIN, Broker, Respond
from tests.api.pages.harness import EVIL, put, sent


async def test_not_signed_in(client: Any) -> None:
    """Whoever has no session is told how to get one; the page looks whether the browser has one after all."""
    answer = await client(None).get("/rules")
    assert (answer.status_code, answer.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert ("data-signed-out" in answer.text, "tocsin sign-in" in answer.text) == (True, True)
    assert "WWW-Authenticate" in answer.headers


async def test_the_api_answers_json(client: Any) -> None:
    """Paths of the API are answered as ever."""
    answer = await client(None).get("/v1/rules")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize("path", [f"/rules/{EVIL}", "/documents/nothing/new", "/silences/x/y/z", "/rulesx"])
async def test_not_there(admin: httpx.AsyncClient, path: str) -> None:
    """What is not there is 404, and what was asked for is repeated as text only."""
    answer = await admin.get(path)
    assert (answer.status_code, "<img src=x" in answer.text) == (404, False)


async def test_the_read_model_is_away(
    admin: httpx.AsyncClient, dependencies: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page says so, with the navigation and a way to try again."""

    async def away(query: object) -> None:
        raise OperationalError("select", {}, Exception("gone"))

    monkeypatch.setattr(dependencies.database, "read", away)
    for path in (
        "/overview",
        "/rules",
        "/silences",
        "/maintenance",
        "/oncall",
        "/routing",
        "/endpoints",
        "/history",
    ):
        answer = await admin.get(path)
        assert (answer.status_code, "the read model cannot be read" in answer.text) == (503, True)
        assert ("Try again" in answer.text, "<nav" in answer.text) == (True, True)
        assert answer.headers["Retry-After"] == "5"


async def test_the_broker_is_away(
    admin: httpx.AsyncClient, broker: Broker, respond: Respond, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read is shown all the same; what is asked for is refused beside its button."""
    made = await put(admin, "rules", "errors", "payments")
    broker.why = "the broker does not answer"

    async def away(command: object) -> None:
        raise Unavailable("the broker takes nothing: nothing was changed")

    monkeypatch.setattr(respond, "send", away)
    for path in ("/overview", "/rules", f"/rules/{made['id']}", "/silences", "/oncall", "/history"):
        assert (await admin.get(path)).status_code == 200
    answer = await sent(admin, f"/rules/{made['id']}/disable")
    assert (answer.status_code, "nothing was changed" in answer.text, "<html" in answer.text) == (
        503,
        True,
        False,
    )


async def test_a_bug_of_ours(dependencies: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a page as well, without a word of its inside; whoever watches the process still sees it."""

    async def broken(query: object) -> None:
        raise RuntimeError("inside")

    monkeypatch.setattr(dependencies.database, "read", broken)
    token = dependencies.tokens.issue(ADMIN, int(time.time()), 600)
    transport = httpx.ASGITransport(create(dependencies), raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://tocsin", headers=headers) as client:
        answer = await client.get("/rules")
    assert (answer.status_code, "a bug of ours" in answer.text, "inside" in answer.text) == (500, True, False)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{}", "application/json", 415), (b"covers=%FF", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a=1" for _ in range(300)), "application/x-www-form-urlencoded", 400),
        (b"covers=a%00b", "application/x-www-form-urlencoded", 422),
    ],
)  # fmt: skip
async def test_what_is_no_form(admin: httpx.AsyncClient, content: bytes, kind: str, status: int) -> None:
    """It is refused with a sentence, before anybody reads it."""
    answer = await admin.post("/silences", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text


async def test_a_form_from_elsewhere(dependencies: Any) -> None:
    """With a cookie alone nothing is written: the form has to carry the proof that the session gives."""
    app, now = create(dependencies), int(time.time())
    cookie = {"tocsin_session": dependencies.tokens.issue(ADMIN, now, 600, "tocsin-page")}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://tocsin", cookies=cookie
    ) as client:
        page = (await client.get("/silences")).text
        proof = page.split('"X-CSRF-Token": "')[1].split('"')[0]
        fields = {"covers": "a=b", "lasts": "1h", "reason": "x"}
        assert (await client.post("/silences", data=fields)).status_code == 403
        foreign = {"X-CSRF-Token": proof, "Origin": "https://evil.example"}
        assert (await client.post("/silences", data=fields, headers=foreign)).status_code == 403
        done = await client.post("/silences", data=fields, headers={"X-CSRF-Token": proof})
        assert (done.status_code, "HX-Location" in done.headers) == (200, True)
