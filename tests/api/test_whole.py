"""The administrator's data model through the application, with the real machines behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.api.conftest import ADMIN, History
from tests.api.whole import Whole, client_of

ALERT_RULE = {
    "name": "tool-errors",
    "description": "Too many calls fail.",
    "condition": {"last": "errors", "above": 5},
    "severity": "critical",
    "enabled": True,
    "routing": {"notify": ["endpoint/log"]},
}
ALERT = ("id", "rule_id", "status", "severity", "message", "triggered_at")
OPTIONAL = ("acknowledged_at", "acknowledged_by", "resolved_at", "resolved_by", "resolution_notes")


@pytest.fixture
def whole(history: History) -> Whole:
    """The machines."""
    return Whole(history)


@pytest.fixture
async def api(dependencies: Any, whole: Whole) -> AsyncIterator[httpx.AsyncClient]:
    """An administrator's client of the application on them."""
    async with client_of(whole, dependencies) as client:
        yield client


async def policy(api: httpx.AsyncClient, name: str = "main") -> str:
    """A policy's id."""
    body = {"name": name, "steps": [{"notify": "endpoint/log"}]}
    return str((await api.post("/v1/policies", json=body)).json()["id"])


async def test_rule(api: httpx.AsyncClient) -> None:
    """A rule comes back with the names, the nesting and the words that were sent, and with a UUID."""
    sent = ALERT_RULE | {"escalation_policy_id": await policy(api)}
    answer = await api.post("/v1/rules", json=sent)
    rule = answer.json()
    assert answer.status_code == 201, rule
    assert {name: rule[name] for name in sent if name != "condition"} == {
        name: value for name, value in sent.items() if name != "condition"
    }
    assert (rule["condition"]["last"], rule["condition"]["above"], str(UUID(rule["id"]))) == (
        "errors",
        5,
        rule["id"],
    )


async def test_alert(api: httpx.AsyncClient, whole: Whole) -> None:
    """An alert has the names of the data model; optional ones are null until somebody has it, then resolves it."""
    rule = (await api.post("/v1/rules", json=ALERT_RULE)).json()
    whole.sample("errors", 9)
    (alert,) = (await api.get("/v1/alerts", params={"rule": rule["id"]})).json()["items"]
    assert (alert["status"], alert["severity"], alert["rule_id"]) == ("firing", "critical", rule["id"])
    assert (str(UUID(alert["id"])), [alert[name] for name in OPTIONAL]) == (alert["id"], [None] * 5)
    assert all(alert[name] for name in ALERT)
    alert = (await api.post(f"/v1/alerts/{alert['id']}/acknowledge")).json()
    assert (alert["status"], alert["acknowledged_by"], alert["acknowledged_at"][-1]) == (
        "acknowledged",
        ADMIN.name,
        "Z",
    )
    alert = (await api.post(f"/v1/alerts/{alert['id']}/resolve", json={"notes": "disk"})).json()
    assert (alert["status"], alert["resolved_by"], alert["resolution_notes"]) == (
        "resolved",
        ADMIN.name,
        "disk",
    )
    assert alert["resolved_at"] > alert["acknowledged_at"] > alert["triggered_at"]


async def test_policy_by_id(api: httpx.AsyncClient) -> None:
    """Whoever knows policies by their ids changes and clears one by its id, and sends the rest back as it was."""
    first, second = await policy(api), await policy(api, "other")
    rule = (await api.post("/v1/rules", json=ALERT_RULE | {"escalation_policy_id": first})).json()
    where = f"/v1/rules/{rule['id']}"
    rule = (await api.put(where, json=rule | {"escalation_policy_id": second})).json()
    assert (rule["escalation_policy"], rule["escalation_policy_id"]) == ("other", second)
    rule = (await api.put(where, json=rule | {"escalation_policy": "main"})).json()
    assert rule["escalation_policy_id"] == first
    rule = (await api.put(where, json=rule | {"escalation_policy_id": None})).json()
    assert (rule["escalation_policy"], rule["escalation_policy_id"]) == (None, None)
    both = ALERT_RULE | {"name": "b", "escalation_policy_id": first, "escalation_policy": "other"}
    answer = await api.post("/v1/rules", json=both)
    assert (answer.status_code, "leave one out" in answer.text) == (422, True)


async def test_revisions(api: httpx.AsyncClient) -> None:
    """What exists is not created again, and an edit of what has changed since is a conflict that says so."""
    rule = (await api.post("/v1/rules", json=ALERT_RULE)).json()
    assert (await api.post("/v1/rules", json=ALERT_RULE)).status_code == 409
    where = f"/v1/rules/{rule['id']}"
    assert (await api.put(where, json=rule | {"severity": "info"})).json()["revision"] == 2
    answers = [
        await api.put(where, json=rule | {"severity": "warning"}),
        await api.delete(where, headers={"If-Match": '"1"'}),
    ]
    assert [(one.status_code, "read it again" in one.text) for one in answers] == [(409, True)] * 2


async def test_repeats(api: httpx.AsyncClient) -> None:
    """A repeat with the same Idempotency-Key gets the first answer, whatever has become of the document."""
    key = {"Idempotency-Key": str(uuid4())}
    first, again = [await api.post("/v1/rules", json=ALERT_RULE, headers=key) for _ in range(2)]
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    where = f"/v1/rules/{first.json()['id']}"
    off = {"Idempotency-Key": str(uuid4())}
    for _ in range(2):
        assert (await api.post(f"{where}/disable", headers=off)).json()["revision"] == 2
    gone = {"Idempotency-Key": str(uuid4())}
    assert [(await api.delete(where, headers=gone)).status_code for _ in range(2)] == [204, 204]
    assert (await api.delete(where)).status_code == 404


async def test_a_key_for_another_command(api: httpx.AsyncClient, whole: Whole) -> None:
    """A key that was used for another command is a conflict, never an answer to what was not done."""
    key = {"Idempotency-Key": str(uuid4())}
    await api.post("/v1/rules", json=ALERT_RULE, headers=key)
    for other in ({"name": "b"}, {"severity": "info"}):
        answer = await api.post("/v1/rules", json=ALERT_RULE | other, headers=key)
        assert (answer.status_code, "take a new one" in answer.text) == (409, True), answer.text
    whole.sample("errors", 9)
    (alert,) = (await api.get("/v1/alerts")).json()["items"]
    answer = await api.post(f"/v1/alerts/{alert['id']}/acknowledge", headers=key)
    assert (answer.status_code, "take a new one" in answer.text) == (409, True), answer.text


async def test_the_end_says_why(api: httpx.AsyncClient, whole: Whole) -> None:
    """Whoever heard that a rule fires hears why it is over: of one that was deleted, not that it is well again."""
    rule = (await api.post("/v1/rules", json=ALERT_RULE)).json()
    whole.sample("errors", 9)
    (alert,) = (await api.get("/v1/alerts")).json()["items"]
    assert (await api.delete(f"/v1/rules/{rule['id']}")).status_code == 204
    whole.pass_time(2_000)
    said = (await api.get(f"/v1/alerts/{alert['id']}")).json()["timeline"]
    (told,) = [one["reason"] for one in said if (one["subject"], one["what"]) == ("notification", "resolved")]
    assert told.startswith("log: it is over: the rule was deleted, disabled, or no longer covers it;"), told


async def test_switch(api: httpx.AsyncClient, whole: Whole) -> None:
    """A rule that is switched off ends its alerts, and fires again once it is on."""
    rule = (await api.post("/v1/rules", json=ALERT_RULE)).json()
    whole.sample("errors", 9)
    assert (await api.post(f"/v1/rules/{rule['id']}/disable")).json()["enabled"] is False
    whole.sample("errors", 9)
    assert (await api.get("/v1/alerts")).json()["total"] == 0
    await api.post(f"/v1/rules/{rule['id']}/enable")
    whole.sample("errors", 9)
    assert (await api.get("/v1/alerts")).json()["total"] == 1
