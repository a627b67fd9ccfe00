"""What is sealed or masked stays inside: from outside it is no value, and one bad endpoint stops nobody else."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import History
from tests.api.harness import HOOK, RULE, created

MASK = "https://hooks.example/••••••"
WRONG = [("url", "sealed:x"), ("secret", "sealed:xxx"), ("url", MASK), ("secret", "••••••")]
SAYS = {"s": "must not begin with `sealed:`", "h": "holds the mask", "•": "holds the mask"}


@pytest.mark.parametrize(("field", "text"), WRONG)
async def test_create(member: httpx.AsyncClient, respond: Any, field: str, text: str) -> None:
    """A sealed value or a mask is refused by its field, and nothing is stored."""
    answer = await member.post("/v1/endpoints", json=HOOK | {field: text})
    assert (answer.status_code, f"`{field}`: {SAYS[text[0]]}" in answer.text) == (422, True), answer.text
    assert respond.sent == []


@pytest.mark.parametrize(("field", "text"), WRONG)
async def test_update(member: httpx.AsyncClient, respond: Any, field: str, text: str) -> None:
    """Nor does it come in by an edit: only the very mask that was read stands for the secret."""
    hook = await created(member, "endpoints", HOOK)
    other = text.replace("hooks", "else")
    answer = await member.put(f"/v1/endpoints/{hook['id']}", json=hook | {field: other})
    same = other == hook[field]
    assert (answer.status_code, len(respond.sent)) == ((200, 1) if same else (422, 1)), answer.text


@pytest.mark.parametrize(("field", "text"), WRONG)
async def test_plan(admin: httpx.AsyncClient, field: str, text: str) -> None:
    """Nor by a plan."""
    answer = await admin.post("/v1/plan", json={"documents": [{"type": "endpoint"} | HOOK | {field: text}]})
    assert (answer.status_code, f"`{field}`" in answer.text) == (422, True)


BAD: list[tuple[str, str, dict[str, Any]]] = [
    ("endpoint", "sealed1", {"channel": "webhook", "url": "sealed:x"}),
    ("endpoint", "odd", {"channel": "pigeon", "url": "x"}),
    ("rule", "broken", {"condition": {"never": 1}}),
]


@pytest.mark.parametrize(("type_", "name", "body"), BAD)
async def test_others_go_on(
    admin: httpx.AsyncClient, history: History, type_: str, name: str, body: dict[str, Any]
) -> None:
    """With a document stored that cannot be read, plans, lists, trials, creations and deletions of others work."""
    history.document(type_, name, body)
    wanted = {"type": "rule"} | RULE | {"team": "search"}
    planned = await admin.post("/v1/plan", json={"documents": [wanted], "prune": True})
    assert [step["do"] for step in planned.json()["steps"]] == ["create"]
    rule = await created(admin, "rules", RULE | {"team": "search"})
    assert (await admin.get(f"/v1/{'policies' if type_ == 'policy' else type_ + 's'}")).status_code == 200
    assert (await admin.get("/v1/coverage")).status_code == 200
    samples = [{"at": "1s", "series": "errors", "value": 1}]
    assert (await admin.post("/v1/rules/test", json={"rule": RULE, "samples": samples})).status_code == 200
    assert (await admin.delete(f"/v1/rules/{rule['id']}")).status_code == 204


async def test_planned_over(admin: httpx.AsyncClient, history: History) -> None:
    """A plan that holds such a document says that all of it changes, from the revision that is stored."""
    history.document(*BAD[1])
    wanted = {"type": "endpoint"} | HOOK | {"name": "odd"}
    (step,) = (await admin.post("/v1/plan", json={"documents": [wanted]})).json()["steps"]
    assert (step["do"], step["revision"], "cannot be read" in step["sentence"]) == ("update", 1, True)


@pytest.mark.parametrize(("type_", "name", "body"), BAD[:2])
async def test_mended(
    admin: httpx.AsyncClient, history: History, respond: Any, type_: str, name: str, body: dict[str, Any]
) -> None:
    """A PUT mends it; a mask of what cannot be opened stands for nothing and is refused."""
    id_ = history.document(type_, name, body)
    respond.revisions[id_] = 1
    where, good = f"/v1/endpoints/{id_}", HOOK | {"name": name, "revision": 1}
    shown = (await admin.get(where)).json()
    answer = await admin.put(where, json=good | {"url": shown["url"]})
    assert (answer.status_code, "`url`" in answer.text) == (422, True), answer.text
    assert (await admin.put(where, json=good)).status_code == 200
    assert (await admin.get(where)).json()["url"] == MASK


async def test_deleted(admin: httpx.AsyncClient, history: History, respond: Any) -> None:
    """It can be deleted as well."""
    id_ = history.document(*BAD[0])
    respond.revisions[id_] = 1
    assert (await admin.delete(f"/v1/endpoints/{id_}")).status_code == 204
