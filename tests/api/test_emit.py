"""What plugins and services emit: kept once, by whom may, in their own words; or refused by the field."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from streams.messages.command import Emit, Principal
from tests.api.conftest import Client

ALERT = {"source": "backup", "title": "Backup failed", "severity": "critical", "team": "payments"}
EVENT = {"gateway": "prod", "source": "guard", "type": "plugin_violation", "labels": {"tool": "search"}}
KEY = {"Idempotency-Key": "12345678"}


async def test_an_alert(member: httpx.AsyncClient, respond: Any) -> None:
    """It is raised, answered as the list shows it, and resolved by the same key."""
    raised = await member.post("/v1/alerts", json=ALERT | {"dedup_key": "nightly", "message": "disk full"})
    assert raised.status_code == 200, raised.text
    alert = raised.json()["alert"]
    assert (alert["status"], alert["message"], alert["team"]) == (
        "firing",
        "Backup failed: disk full",
        "payments",
    )
    assert (await member.get(f"/v1/alerts/{alert['id']}")).json()["status"] == "firing"
    over = ALERT | {"dedup_key": "nightly", "status": "resolved"}
    ended = (await member.post("/v1/alerts", json=over)).json()["alert"]
    assert (ended["id"], ended["status"]) == (alert["id"], "resolved")
    assert [command.by.name for command in respond.sent] == ["mo@example.com"] * 2


async def test_repeated(member: httpx.AsyncClient, respond: Any) -> None:
    """Under the same Idempotency-Key, or with the same id of its sender's, it counts once; another one is refused."""
    first = await member.post("/v1/alerts", json=ALERT, headers=KEY)
    again = await member.post("/v1/alerts", json=ALERT, headers=KEY)
    assert (first.status_code, again.status_code, len(respond.sent)) == (200, 200, 1)
    other = await member.post("/v1/alerts", json=ALERT | {"title": "Other"}, headers=KEY)
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    for _ in range(2):
        await member.post("/v1/alerts", json=ALERT | {"id": "7"})
    assert len(respond.sent) == 2


async def test_undecided(member: httpx.AsyncClient, respond: Any) -> None:
    """What nobody has decided in time has an address, as every write."""
    respond.silent = True
    answer = await member.post("/v1/alerts", json=ALERT, headers=KEY)
    assert (answer.status_code, answer.headers["location"]) == (202, "/v1/commands/12345678")
    assert isinstance(respond.sent[0].action, Emit)


@pytest.mark.parametrize(("path", "body"), [("/v1/alerts", ALERT), ("/v1/events", EVENT)])
async def test_who_may(client: Client, respond: Any, broker: Any, path: str, body: dict[str, Any]) -> None:
    """Nobody without a token, nobody for a team that is not theirs; events of gateways are the platform's."""
    assert (await client(None).post(path, json=body)).status_code == 401
    answer = await client(Principal(name="eve", teams=("search",))).post(path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
    assert (respond.sent, broker.events) == ([], [])
    plugin = client(Principal(name="guard", teams=("platform", "payments")))
    assert (await plugin.post(path, json=body)).is_success


async def test_an_event(admin: httpx.AsyncClient, broker: Any) -> None:
    """It is kept as it was sent; a repeat has the same id, by which it is known."""
    answer = await admin.post("/v1/events", json=EVENT | {"attributes": {"code": 7}}, headers=KEY)
    assert (answer.status_code, answer.json()["status"]) == (202, "kept")
    await admin.post("/v1/events", json=EVENT, headers=KEY)
    await admin.post("/v1/events", json=EVENT | {"id": "mine"}, headers=KEY)
    one, same, mine = broker.events
    assert (one.gateway, one.source, one.type) == ("prod", "emit/guard", "plugin_violation")
    assert (one.labels, one.attributes) == ({"tool": "search"}, {"code": 7})
    assert (one.id, mine.id) == (same.id, "ada@example.com/guard/mine")


async def test_away(admin: httpx.AsyncClient, broker: Any) -> None:
    """503 where the broker takes nothing."""
    broker.why = "away"
    answer = await admin.post("/v1/events", json=EVENT)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/v1/alerts", ALERT | {"severity": "urgent"}, 422, "`severity`"),
        ("/v1/alerts", ALERT | {"sevrity": "info"}, 422, "no field `sevrity`"),
        ("/v1/events", EVENT | {"type": "inventory"}, 422, "Tocsin's own bridge"),
        ("/v1/events", EVENT | {"attributes": {"x": "y" * 70_000}}, 422, "at most 65536"),
        ("/v1/events", EVENT | {"attributes": {"x": "y" * 140_000}}, 413, "131072 bytes"),
        ("/v1/alerts", ALERT | {"message": "y" * 140_000}, 413, "131072 bytes"),
    ],
)
async def test_wrong(
    admin: httpx.AsyncClient, path: str, body: dict[str, Any], status: int, words: str
) -> None:
    """What cannot be used is refused by its field, what is too large before it is read."""
    answer = await admin.post(path, json=body)
    assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text


async def test_key(admin: httpx.AsyncClient) -> None:
    """A key that is none is refused by its name."""
    for path, body in (("/v1/alerts", ALERT), ("/v1/events", EVENT)):
        answer = await admin.post(path, json=body, headers={"Idempotency-Key": "x"})
        assert (answer.status_code, "Idempotency-Key" in answer.text) == (422, True)


def test_from_the_command_line(tocsin: Any, broker: Any) -> None:
    """`tocsin emit alert` raises and resolves; `tocsin emit event` hands over."""
    words = ("--source", "backup", "--team", "payments", "--dedup-key", "nightly", "--severity", "critical")
    code, said = tocsin("emit", "alert", "Backup failed", "disk full", *words, "--label", "host=a")
    assert (code, "raised" in said or "accepted" in said) == (0, True), said
    code, said = tocsin("emit", "alert", "Backup failed", *words, "--resolve")
    assert (code, "resolved" in said) == (0, True), said
    code, said = tocsin("emit", "event", "prod", "plugin_violation", "--source", "guard", "--label", "tool=x")
    assert (code, broker.events[0].labels) == (0, {"tool": "x"}), said
    code, said = tocsin("emit", "event", "prod", "plugin_violation", "--label", "tool")
    assert (code, "--label" in said) == (1, True), said
