"""Two APIs that have no folder in common: whoever came in by one is known to the other, and stays out of both."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.auth.issued_tokens import IssuedTokens
from api.auth.revocation import Revocations
from api.auth.signin import SignIn
from api.http.app import create
from sources.shared.part import SharedPart
from streams.errors import Unavailable
from tests.api.conftest import ADMIN
from tests.sources.shared.memory_log import Line, MemoryLog


@pytest.fixture
def lines() -> list[Line]:
    """The topic that they share."""
    return []


def admitting(lines: list[Line], folder: Path) -> dict[str, Any]:
    """What one process knows of who may come in."""
    log = MemoryLog(lines)
    return {
        "signin": SignIn(folder, SharedPart(log, "sign-in")),
        "issued": IssuedTokens(folder, SharedPart(log, "issued")),
        "revocations": Revocations(folder, SharedPart(log, "revoked")),
    }


@pytest.fixture
async def apis(
    dependencies: Any, lines: list[Line], tmp_path: Path
) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Two of them, each with a folder of its own; they begin by now, since links are good for ten minutes."""
    opened = []
    for name in ("a", "b"):
        own = replace(dependencies, now=lambda: int(time.time() * 1_000), **admitting(lines, tmp_path / name))
        transport = httpx.ASGITransport(create(own))
        opened.append(httpx.AsyncClient(transport=transport, base_url="http://tocsin"))
    yield opened
    for one in opened:
        await one.aclose()


async def test_a_link_is_good_once_and_its_session_everywhere(
    apis: list[httpx.AsyncClient], lines: list[Line], tmp_path: Path
) -> None:
    """The link was made in a third process; by whichever API it is used, by the other it is used no more."""
    one, other = apis
    code = admitting(lines, tmp_path / "command-line")["signin"].new(ADMIN, int(time.time()))
    assert (await one.post("/v1/session", json={"code": code})).status_code == 204
    assert (await other.post("/v1/session", json={"code": code})).status_code == 403
    other.cookies = one.cookies
    known = await other.get("/v1/session")
    assert known.json()["name"] == ADMIN.name

    ended = await one.delete("/v1/session", headers={"X-CSRF-Token": known.json()["csrf_token"]})
    assert ended.status_code == 204
    refused = await other.get("/v1/session")
    assert (refused.status_code, refused.json()["code"]) == (401, "not_signed_in")


async def test_nobody_comes_in_before_it_is_known_who_may(dependencies: Any, tmp_path: Path) -> None:
    """An API that has not read the topic yet cannot tell a revoked token: it answers 503, and says why."""

    class Unread(MemoryLog):
        def of(self, type_: str) -> Any:
            raise Unavailable(f"{type_} is not known yet")

    unread = Revocations(tmp_path, SharedPart(Unread([]), "revoked"))
    transport = httpx.ASGITransport(create(replace(dependencies, revocations=unread)))
    token = dependencies.tokens.issue(ADMIN, int(time.time()), 600)
    async with httpx.AsyncClient(transport=transport, base_url="http://tocsin") as client:
        answer = await client.get("/v1/alerts", headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert (await client.get("/health/live")).status_code == 200
