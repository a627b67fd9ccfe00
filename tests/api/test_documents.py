"""Rules, endpoints, policies and routes through one set of endpoints."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from streams.messages.change import Change, CommandSnapshot
from tests.api.harness import HOOK, RULE, created

NEW = "whsec_" + "bmV1" * 16
POLICY = {"name": "main", "team": "payments", "steps": [{"notify": "endpoint/hook"}]}


async def test_create(member: httpx.AsyncClient, respond: Any) -> None:
    """A document that is created has an id, a revision, an address and the command behind it."""
    answer = await member.post("/v1/rules", json=RULE)
    rule = answer.json()
    assert (answer.status_code, rule["revision"], rule["updated_by"]) == (201, 1, "mo@example.com")
    assert answer.headers["location"] == f"/v1/rules/{rule['id']}"
    assert (respond.sent[0].action.type, respond.sent[0].team) == ("rule", "payments")
    assert (await member.get(answer.headers["location"])).json() == rule


async def test_list(member: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    """A list holds one kind, and of it what the asker may see."""
    await created(member, "rules", RULE)
    await created(admin, "rules", RULE | {"team": "search", "name": "other"})
    assert [rule["name"] for rule in (await member.get("/v1/rules")).json()["items"]] == ["errors"]
    assert len((await admin.get("/v1/rules")).json()["items"]) == 2
    assert (await admin.get("/v1/routes")).json() == {"items": []}


async def test_update(member: httpx.AsyncClient) -> None:
    """What was read can be sent back with a change; its revision is the one that was read."""
    rule = await created(member, "rules", RULE)
    answer = await member.put(f"/v1/rules/{rule['id']}", json=rule | {"severity": "info"})
    assert (answer.status_code, answer.json()["revision"], answer.json()["severity"]) == (200, 2, "info")


async def test_repeat(member: httpx.AsyncClient, respond: Any) -> None:
    """Who asks again for what was done under this key gets the first answer, though the document is gone since."""
    rule = await created(member, "rules", RULE)
    where, key = f"/v1/rules/{rule['id']}", {"Idempotency-Key": "an-edit-of-mine"}
    edit = rule | {"severity": "info"}
    assert (await member.put(where, json=edit, headers=key)).status_code == 200
    for _ in range(2):
        assert (await member.delete(where, headers={"Idempotency-Key": "away-with-it"})).status_code == 204
    assert (await member.put(where, json=edit, headers=key)).status_code == 200
    assert [command.action.do for command in respond.sent] == ["put", "put", "delete"]
    assert (await member.delete(where, headers={"Idempotency-Key": "something-else"})).status_code == 404


async def test_another_command(member: httpx.AsyncClient, respond: Any) -> None:
    """A key with another body, revision or verb is a conflict; with its fields in another order it is not."""
    key = {"Idempotency-Key": "one-of-mine"}
    rule = (await member.post("/v1/rules", json=RULE, headers=key)).json()
    turned = dict(reversed(RULE.items()))
    assert (await member.post("/v1/rules", json=turned, headers=key)).json() == rule
    where, edit, second = (
        f"/v1/rules/{rule['id']}",
        rule | {"severity": "info"},
        {"Idempotency-Key": "the-second"},
    )
    assert (await member.put(where, json=edit, headers=second)).status_code == 200
    answers = [
        await member.post("/v1/rules", json=RULE | {"above": "6%"}, headers=key),
        await member.put(where, json=edit | {"severity": "warning", "revision": 2}, headers=second),
        await member.post(f"{where}/disable", headers=second),
        await member.delete(where, headers=second),
    ]
    assert {(one.status_code, "take a new one" in one.text) for one in answers} == {(409, True)}
    assert [command.action.do for command in respond.sent] == ["put", "put"]
    await member.delete(where, headers={"Idempotency-Key": "away-with-it"})
    assert (
        await member.put(where, json=edit, headers={"Idempotency-Key": "away-with-it"})
    ).status_code == 409


async def test_a_secret_again(admin: httpx.AsyncClient, respond: Any) -> None:
    """An endpoint is the same command again, though its secrets are sealed anew, and its digest tells none of them."""
    key = {"Idempotency-Key": "with-a-secret"}
    body = HOOK | {"secret": NEW}
    codes = [
        (await admin.post("/v1/endpoints", json=one, headers=key)).status_code for one in (body, body, HOOK)
    ]
    assert codes == [201, 201, 409]
    (sent,) = respond.sent
    assert len(sent.digest) == 32


async def test_an_older_decision(member: httpx.AsyncClient, history: Any, respond: Any) -> None:
    """A decision without a digest, from before there were any, is told apart by who, team and what was done."""
    key = {"Idempotency-Key": "of-long-ago"}
    decision = CommandSnapshot(command="of-long-ago", result="accepted", do="put")
    history.write(
        Change(
            id="c",
            at=1,
            team="payments",
            subject="command",
            subject_id="of-long-ago",
            what="accepted",
            reason="rule errors is put",
            by="mo@example.com",
            command=decision,
        )
    )
    history.alert("a")
    assert (await member.post("/v1/rules", json=RULE, headers=key)).status_code == 201
    assert (await member.post("/v1/alerts/a/acknowledge", headers=key)).status_code == 409
    assert respond.sent == []


async def test_stale(member: httpx.AsyncClient) -> None:
    """An edit of an older revision is a conflict; one that names none is asked for it."""
    rule = await created(member, "rules", RULE)
    where, change = f"/v1/rules/{rule['id']}", {**RULE, "severity": "info"}
    assert (await member.put(where, json=change)).status_code == 428
    assert (await member.put(where, json=change, headers={"If-Match": '"7"'})).status_code == 409
    assert (await member.put(where, json=change, headers={"If-Match": '"1"'})).status_code == 200


@pytest.mark.parametrize("revision", ["²", "-1", "1.0", "9" * 5000])
async def test_a_revision_that_is_none(member: httpx.AsyncClient, revision: str) -> None:
    """What is no whole number is refused, whatever it looks like."""
    rule = await created(member, "rules", RULE)
    answer = await member.put(f"/v1/rules/{rule['id']}", json=rule | {"revision": revision})
    assert (answer.status_code, "whole number" in answer.text) == (422, True)


async def test_private_addresses(member: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    """Only an administrator lets an endpoint call private addresses, or changes one that may; a member may end it."""
    assert (await member.post("/v1/endpoints", json=HOOK | {"allow_private": True})).status_code == 403
    hook = await created(member, "endpoints", HOOK)
    where, opened = f"/v1/endpoints/{hook['id']}", hook | {"allow_private": True}
    assert "administrator" in (await member.put(where, json=opened)).text
    given = (await admin.put(where, json=opened)).json()
    assert (await member.put(where, json=given | {"url": "http://10.0.0.1/"})).status_code == 403
    assert (await member.put(where, json=given | {"allow_private": False})).status_code == 200


PRIVATE = [
    "http://127.0.0.1:9/x",
    "http://10.0.0.1/",
    "http://[::1]/",
    "http://localhost/",
    "http://a.localhost./",
]


@pytest.mark.parametrize("url", [*PRIVATE, HOOK["url"], "http://8.8.8.8/"])
async def test_a_private_address_is_said(
    member: httpx.AsyncClient, admin: httpx.AsyncClient, url: str
) -> None:
    """Where the address itself says that nothing is sent there, plan and answer warn; else they do not."""
    hook = HOOK | {"url": url}
    plan = (await member.post("/v1/plan", json={"documents": [hook | {"type": "endpoint"}]})).json()
    made = await created(member, "endpoints", hook)
    says = [(one["path"], "`allow_private: true`" in one["says"]) for one in plan["warnings"]]
    assert says == ([("url", True)] if url in PRIVATE else [])
    assert ["`allow_private: true`" in one for one in made.get("warnings", [])] == [True] * (url in PRIVATE)
    opened = await admin.put(f"/v1/endpoints/{made['id']}", json=made | {"allow_private": True})
    assert (opened.status_code, "warnings" in opened.json()) == (200, False), opened.text


async def test_unchanged(member: httpx.AsyncClient, respond: Any) -> None:
    """A document that is sent back unchanged is accepted and no command is sent."""
    rule = await created(member, "rules", RULE)
    assert (await member.put(f"/v1/rules/{rule['id']}", json=rule)).json()["revision"] == 1
    assert len(respond.sent) == 1


async def test_rename(member: httpx.AsyncClient) -> None:
    """A document keeps its name."""
    rule = await created(member, "rules", RULE)
    answer = await member.put(f"/v1/rules/{rule['id']}", json=rule | {"name": "else"})
    assert (answer.status_code, "keeps its name" in answer.text) == (422, True)


async def test_delete(member: httpx.AsyncClient) -> None:
    """A deleted document is gone."""
    rule = await created(member, "rules", RULE)
    assert (await member.delete(f"/v1/rules/{rule['id']}")).status_code == 204
    assert (await member.get(f"/v1/rules/{rule['id']}")).status_code == 404


async def test_referenced(member: httpx.AsyncClient) -> None:
    """What another document refers to is not deleted, and the answer names that document."""
    hook = await created(member, "endpoints", HOOK)
    await created(member, "policies", POLICY)
    answer = await member.delete(f"/v1/endpoints/{hook['id']}")
    assert (answer.status_code, "policy main" in answer.text) == (409, True)


async def test_dangling(member: httpx.AsyncClient) -> None:
    """A reference to what does not exist is refused, with the nearest name that does."""
    await created(member, "endpoints", HOOK)
    answer = await member.post("/v1/policies", json=POLICY | {"steps": [{"notify": ["endpoint/hok"]}]})
    assert (answer.status_code, "did you mean `hook`" in answer.text) == (422, True)


async def test_switch(member: httpx.AsyncClient) -> None:
    """A rule is switched off and on, each a revision."""
    where = f"/v1/rules/{(await created(member, 'rules', RULE))['id']}"
    assert (await member.post(f"{where}/disable")).json()["enabled"] is False
    assert (await member.post(f"{where}/enable")).json()["revision"] == 3


async def test_wrong_team(member: httpx.AsyncClient, admin: httpx.AsyncClient, respond: Any) -> None:
    """Nobody writes for a team that they are not in, nor reads its documents, nor learns that they exist."""
    assert (await member.post("/v1/rules", json=RULE | {"team": "search"})).status_code == 403
    assert (await member.post("/v1/rules", json={**RULE, "team": "platform"})).status_code == 403
    other = await created(admin, "rules", RULE | {"team": "search"})
    where = f"/v1/rules/{other['id']}"
    answers = [await member.get(where), await member.put(where, json=other), await member.delete(where)]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert len(respond.sent) == 1


async def test_sealed(member: httpx.AsyncClient, respond: Any, dependencies: Any) -> None:
    """Secrets are sealed before they enter a command, and masked in every answer."""
    hook = await created(member, "endpoints", HOOK)
    sent = respond.sent[0].encode()
    assert b"geheim" not in sent
    assert b"whsec" not in sent
    assert dependencies.sealer.open(respond.sent[0].action.body["url"]) == HOOK["url"]
    assert (hook["url"], hook["secret"]) == ("https://hooks.example/••••••", "••••••")


async def test_masked_back(member: httpx.AsyncClient, respond: Any, dependencies: Any) -> None:
    """A mask that is sent back stands for the secret that it hides; a new secret replaces it."""
    hook = await created(member, "endpoints", HOOK)
    where = f"/v1/endpoints/{hook['id']}"
    kept = (await member.put(where, json=hook | {"description": "ours"})).json()
    assert respond.sent[1].action.body["url"] == respond.sent[0].action.body["url"]
    await member.put(where, json=kept | {"secret": NEW})
    assert dependencies.sealer.open(respond.sent[2].action.body["secret"]) == NEW


@pytest.mark.parametrize(
    ("section", "body", "words"),
    [
        ("rules", RULE | {"severty": "info"}, "did you mean `severity`"),
        ("rules", RULE | {"for": "soon"}, "not a length of time"),
        ("rules", RULE | {"last": "errors{"}, "does not name a metric"),
        ("endpoints", HOOK | {"url": "ftp://x"}, "`url`: must be an address such as https://"),
        ("endpoints", HOOK | {"secret": "geheim"}, "`secret`: must begin with whsec_"),
        ("endpoints", HOOK | {"secret": "whsec_geheim!"}, "`secret`: must be base 64"),
        ("endpoints", HOOK | {"secret": "whsec_Z2VoZWlt"}, "`secret`: holds 6 bytes, and must hold 24 to 64"),
        ("endpoints", HOOK | {"secret": "whsec_" + "A" * 88}, "holds 66 bytes"),
        ("endpoints", HOOK | {"name": "Bad Name"}, "name"),
        ("routes", {"name": "r", "to": "user/anna"}, "to"),
    ],
)
async def test_bad(admin: httpx.AsyncClient, section: str, body: dict[str, Any], words: str) -> None:
    """What cannot be right is refused with the field and a hint."""
    answer = await admin.post(f"/v1/{section}", json=body)
    assert (answer.status_code, words in answer.text) == (422, True), answer.text
    assert "geheim" not in answer.text


async def test_pending(member: httpx.AsyncClient, respond: Any) -> None:
    """Where respond is silent, a write answers 202 with an address."""
    respond.silent = True
    answer = await member.post("/v1/rules", json=RULE)
    assert (answer.status_code, answer.headers["location"]) == (202, f"/v1/commands/{respond.sent[0].id}")


async def test_policy_by_id(member: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    """A rule may name its policy by id, and shows the id of the one that is meant."""
    await created(member, "endpoints", HOOK)
    policy = await created(member, "policies", POLICY)
    rule = await created(member, "rules", RULE | {"escalation_policy_id": policy["id"]})
    assert (rule["escalation_policy"], rule["escalation_policy_id"]) == ("main", policy["id"])
    answer = await member.post("/v1/rules", json=RULE | {"name": "b", "escalation_policy_id": rule["id"]})
    assert (answer.status_code, "there is no policy" in answer.text) == (422, True)


async def test_policy_of_platform(member: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    """A team without a policy of that name has the platform's."""
    steps = [{"notify": "endpoint/log"}]
    policy = await created(admin, "policies", {"name": "main", "steps": steps})
    rule = await created(member, "rules", RULE | {"escalation_policy": "main"})
    assert rule["escalation_policy_id"] == policy["id"]
