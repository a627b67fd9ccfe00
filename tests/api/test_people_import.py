"""`tocsin people import`: the teams of a watched gateway as a file that `tocsin apply` takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from api.cli.verbs.oncall import people_import
from sources.bridge.registry import Gateway, Registry
from sources.contextforge.client import Client

TEAMS = {"teams": [{"id": "t1", "slug": "payments"}, {"id": "t2", "slug": "secret"}], "nextCursor": None}
MEMBERS = [
    {"user_email": "ann@example.com", "role": "owner"},
    {"user_email": "bob@example.com", "role": "member"},
]


def answered(request: httpx.Request) -> httpx.Response:
    """What the gateway says."""
    if request.url.path == "/v1/teams/":
        return httpx.Response(200, json=TEAMS)
    if request.url.path == "/v1/teams/t1/members":
        return httpx.Response(200, json=MEMBERS)
    return httpx.Response(403, json={"detail": "Access denied"})


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that is watched, one of whose teams the token may not see."""
    token = tmp_path / "token"
    token.write_text("secret-token")
    known: dict[str, Any] = {"name": "prod", "url": "http://localhost:4444", "token_file": str(token)}
    Registry(tmp_path).put(Gateway(**known))

    def client(gateway: Gateway) -> Client:
        transport = httpx.MockTransport(answered)
        return Client(gateway.url, lambda: "secret-token", lambda: 0.0, transport=transport)

    monkeypatch.setattr(people_import, "client", client)


@pytest.mark.usefixtures("watched")
def test_what_the_token_shows_is_a_file(tocsin: Any, tmp_path: Path) -> None:
    """And what it does not show is said, with what would change that; the plan takes it."""
    code, said = tocsin("people", "import", "prod")
    assert (code, "secret-token" in said) == (0, False), said
    assert "the members of team secret cannot be seen: Give the token's user the permission" in said
    assert "2 people, 1 teams" in said
    text = said[: said.index("the members of team")]
    assert [person["name"] for person in yaml.safe_load(text)["people"]] == ["ann", "bob"]
    file = tmp_path / "people.yaml"
    file.write_text(
        text
        + "endpoints: [{name: email, channel: email, to: a@example.com, sender: t@example.com, server: s}]\n"
    )
    code, said = tocsin("apply", str(file), "--dry-run")
    assert (code, "ann" in said, "payments" in said) == (0, True, True), said


def test_a_gateway_that_nobody_watches(tocsin: Any) -> None:
    """Is refused with where the names stand."""
    code, said = tocsin("people", "import", "prod")
    assert (code != 0, "no gateway 'prod' is watched" in said) == (True, True)


@pytest.mark.usefixtures("watched")
def test_gateways_are_those_that_the_settings_keep(
    tocsin: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which may be in the topic `shared`, and not in a file of this data folder."""
    monkeypatch.setattr(Registry, "of", lambda _: Registry(tmp_path / "elsewhere"))
    code, said = tocsin("people", "import", "prod")
    assert (code, "no gateway 'prod' is watched" in said) == (1, True), said
