"""Many documents in one request: each is judged as if it came alone, and the request costs what it holds."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.commands import document_commands
from api.documents.reference import DocumentKey
from api.queries import documents as reading
from api.queries.documents import DocumentRow
from api.routes.documents import TOGETHER
from streams.errors import Unavailable, Unconfirmed
from tests.api.harness import RULE, created


def rule(name: str, **more: Any) -> dict[str, Any]:
    """A rule of the member's team."""
    return {"type": "rule", **RULE, "name": name, "team": "payments", **more}


async def put(client: httpx.AsyncClient, *documents: dict[str, Any], **headers: str) -> list[dict[str, Any]]:
    """What became of them."""
    answer = await client.post("/v1/documents", json={"documents": documents}, headers=headers)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["results"])


async def test_each_for_itself(member: httpx.AsyncClient, respond: Any) -> None:
    """What is good is done, beside what is refused by a field, a team, a reference or a revision."""
    results = await put(
        member,
        rule("good"),
        rule("bad", above="much"),
        rule("foreign", team="search"),
        rule("dangling", escalation_policy="nobody"),
        rule("stale", revision=7),
        {"type": "nonsense", "name": "x"},
    )
    assert [result["status"] for result in results] == ["accepted", *["refused"] * 5]
    words = ["`above`", "not in team 'search'", "there is no policy `nobody`", "at revision 0", "of kind"]
    assert all(word in result["detail"] for word, result in zip(words, results[1:], strict=True)), results
    assert [result["code"] for result in results[1:4]] == ["invalid", "not_permitted", "invalid"]
    items = (await member.get("/v1/rules")).json()["items"]
    assert [item["name"] for item in items] == ["good"]
    assert [command.action.name for command in respond.sent] == ["good", "stale"]


async def test_refers_within_the_request(member: httpx.AsyncClient) -> None:
    """A document may mention one that comes with it, in whatever order."""
    policy = {"type": "policy", "name": "p", "team": "payments", "steps": [{"notify": "endpoint/log"}]}
    results = await put(member, rule("r", escalation_policy="p"), policy)
    assert [result["status"] for result in results] == ["accepted", "accepted"]


async def test_unchanged_and_changed(member: httpx.AsyncClient, respond: Any) -> None:
    """What is there already is not asked for again; what differs is, at the revision that was edited."""
    await put(member, rule("a"), rule("b"))
    sent = len(respond.sent)
    results = await put(member, rule("a", revision=1), rule("b", revision=1, description="other"))
    assert [result["status"] for result in results] == ["unchanged", "accepted"]
    assert len(respond.sent) == sent + 1


async def test_secrets_are_sealed_and_masks_are_not_taken(member: httpx.AsyncClient, respond: Any) -> None:
    """As for a document that comes alone: a mask stands for what is stored, and is no value where nothing is."""
    endpoint = {"type": "endpoint", "name": "hook", "team": "payments", "url": "https://hooks.example/geheim"}
    (result,) = await put(member, endpoint)
    assert result["status"] == "accepted"
    assert "geheim" not in str(respond.sent[-1])
    shown = (await member.get("/v1/endpoints")).json()["items"][0]
    (again,) = await put(member, endpoint | {"url": shown["url"], "revision": 1})
    assert again["status"] == "unchanged"
    (fresh,) = await put(member, endpoint | {"name": "other", "url": shown["url"]})
    assert fresh["status"] == "refused"
    (sealed,) = await put(member, endpoint | {"name": "other", "url": "sealed:x"})
    assert sealed["status"] == "refused"


async def test_only_an_administrator_reaches_private_addresses(member: httpx.AsyncClient, admin: Any) -> None:
    """As for an endpoint that comes alone."""
    endpoint = {
        "type": "endpoint",
        "name": "in",
        "team": "payments",
        "url": "http://10.0.0.1/",
        "allow_private": True,
    }
    assert [(await put(one, endpoint))[0]["status"] for one in (member, admin)] == ["refused", "accepted"]


async def test_owned_by_a_file(admin: httpx.AsyncClient) -> None:
    """What a file owns is changed from files only."""
    await put(admin, rule("a", file="a.yaml"), **{"Tocsin-From": "files"})
    edit = rule("a", file="a.yaml", revision=1, description="x")
    assert (await put(admin, edit))[0]["code"] == "owned_by_file"
    assert (await put(admin, edit, **{"Tocsin-From": "files"}))[0]["status"] == "accepted"


async def test_again_under_the_same_key(member: httpx.AsyncClient, respond: Any) -> None:
    """A repeat gets the first answers, and nothing is done twice."""
    twice = [await put(member, rule("a"), rule("b"), **{"Idempotency-Key": "many-at-once"}) for _ in range(2)]
    assert twice[0] == twice[1] == [{"status": "accepted"}] * 2
    assert len(respond.sent) == 2


async def test_under_the_longest_key(member: httpx.AsyncClient, respond: Any) -> None:
    """As long as for a document that comes alone; a shorter one than that is refused."""
    assert await put(member, rule("a"), **{"Idempotency-Key": "k" * 100}) == [{"status": "accepted"}]
    body = {"documents": [rule("b")]}
    answer = await member.post("/v1/documents", json=body, headers={"Idempotency-Key": "k" * 7})
    assert (answer.status_code, len(respond.sent)) == (422, 1)


async def test_too_many(member: httpx.AsyncClient) -> None:
    """A request holds so many, and one at least."""
    for documents in ([], [rule(f"r{n}") for n in range(TOGETHER + 1)]):
        assert (await member.post("/v1/documents", json={"documents": documents})).status_code == 422


async def test_quota(member: httpx.AsyncClient, admin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A team has so many documents; an administrator may give it more, and what is there can be changed."""
    monkeypatch.setattr(document_commands, "QUOTA", 2)
    monkeypatch.setattr("api.commands.bulk.QUOTA", 2)
    assert [result["status"] for result in await put(member, rule("a"), rule("b"))] == ["accepted"] * 2
    refused = (await put(member, rule("c")))[0]
    assert (refused["code"], "as many documents as a team may have" in refused["detail"]) == (
        "not_permitted",
        True,
    )
    alone = await member.post("/v1/rules", json={**RULE, "name": "d", "team": "payments"})
    assert (alone.status_code, "as many documents" in alone.json()["detail"]) == (403, True)
    assert (await put(member, rule("a", revision=1, description="x")))[0]["status"] == "accepted"
    assert (await put(admin, rule("c")))[0]["status"] == "accepted"


@pytest.mark.parametrize(
    ("why", "status", "word"),
    [(Unavailable("the broker is away: nothing was changed"), "refused", "nothing was changed"),
     (Unconfirmed("x"), "pending", "has not confirmed it")],
)  # fmt: skip
async def test_broker_away(
    member: httpx.AsyncClient,
    respond: Any,
    monkeypatch: pytest.MonkeyPatch,
    why: Exception,
    status: str,
    word: str,
) -> None:
    """Each says for itself that nothing was changed, or until when it may be."""

    async def away(_: Any) -> None:
        raise why

    monkeypatch.setattr(respond, "send", away)
    results = await put(member, rule("a"), rule("b"))
    assert [(result["status"], word in result["detail"]) for result in results] == [(status, True)] * 2


@pytest.mark.parametrize("many", [2, 200])
async def test_a_put_costs_what_it_refers_to(
    member: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    """However many documents there are, an edit reads the few rows that it is about: counted, not timed."""
    for first in range(0, many, TOGETHER):
        await put(member, *(rule(f"r{n}") for n in range(first, min(many, first + TOGETHER))))
    await created(
        member, "policies", {"name": "p", "team": "payments", "steps": [{"notify": "endpoint/log"}]}
    )
    rows: list[object] = []
    one, keys = reading.DocumentRow, reading.keys

    def counted(*fields: Any) -> DocumentRow:
        rows.append(fields)
        return one(*fields)

    def counted_keys(*how: Any) -> set[DocumentKey]:
        found = keys(*how)
        rows.extend(found)
        return found

    monkeypatch.setattr(reading, "DocumentRow", counted)
    monkeypatch.setattr(reading, "keys", counted_keys)
    body = {**RULE, "name": "new", "team": "payments", "escalation_policy": "p"}
    made = await created(member, "rules", body)
    await member.put(f"/v1/rules/{made['id']}", json=body | {"revision": 1, "description": "x"})
    await member.delete(f"/v1/rules/{made['id']}")
    assert 0 < len(rows) < 20
