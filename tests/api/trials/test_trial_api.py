"""A trial of an edit by the API: both versions on the same inputs, as if they were enabled, and how far it is."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from streams.errors import Refused, Unavailable
from tests.api.harness import created

RULE = {"name": "high", "team": "payments", "last": "cpu", "above": 5, "for": "0s", "severity": "critical"}
WAVE = {"series": "cpu", "values": [1, 7, 1], "every": "15s", "times": 20}
EVENTS = [{"at": f"{n}s", "event": "login", "labels": {"ip": "a"}} for n in range(3)]


async def tried(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    """What a trial answers."""
    answer = await client.post("/v1/rules/test", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_disabled_rule_is_tried(member: httpx.AsyncClient) -> None:
    """To test before enabling is what a trial is for; it says that the rule is disabled."""
    said = await tried(member, rule=RULE | {"enabled": False}, generate=[WAVE])
    assert [alert["rule"] for alert in said["alerts"]] == ["high"]
    assert ["disabled" in words for words in said["warnings"]] == [True]


async def test_the_version_that_holds(member: httpx.AsyncClient) -> None:
    """An edit stands beside what holds now, with its revision; what says the same stands alone."""
    await created(member, "rules", RULE | {"enabled": False})
    same = await tried(member, rule=RULE | {"description": "else"}, generate=[WAVE])
    assert (same["before"], same["differences"]) == (None, [])
    said = await tried(member, rule=RULE | {"above": 9}, generate=[WAVE])
    own = said["before"]["alerts"]
    assert (said["before"]["revision"], said["before"]["enabled"], len(own)) == (1, False, 1)
    assert [difference["only"] for difference in said["differences"]] == ["old"]


async def test_a_rule_about_events(member: httpx.AsyncClient) -> None:
    """It is tried on events; what none of them is about is said."""
    rule = {"name": "many", "team": "payments", "event": "login", "by": ["ip"], "over": "1m", "above": 2}
    said = await tried(member, rule=rule, events=EVENTS)
    assert [(alert["value"], alert["labels"]["ip"]) for alert in said["alerts"]] == [(3.0, "a")]
    assert max(point["value"] for point in said["plot"][0]["points"]) == 3.0
    (words,) = (await tried(member, rule=rule | {"event": "logn"}, events=EVENTS))["warnings"]
    assert "is about the event logn, of which none was among them; nearest: login" in words


async def test_what_tocsin_says_of_itself_is_no_alert_of_the_rule(member: httpx.AsyncClient) -> None:
    """That the samples end is in the timeline, as if the gateway fell silent; it is nobody's alert and call here."""
    said = await tried(member, rule=RULE | {"above": 99}, generate=[WAVE])
    assert "tocsin-telemetry-lost" in [entry.get("rule") for entry in said["timeline"]]
    assert (said["alerts"], said["told"]) == ([], [])


async def test_routes_of_the_platform_count(admin: httpx.AsyncClient, member: httpx.AsyncClient) -> None:
    """Who is told is what would be, also where a member may not read the document that says it."""
    hook = {"name": "ops", "team": "platform", "url": "https://hooks.example/x"}
    await created(admin, "endpoints", hook)
    await created(admin, "routes", {"name": "all", "team": "platform", "to": "endpoint/ops"})
    said = await tried(member, rule=RULE, generate=[WAVE])
    assert [recipient["to"] for recipient in said["told"]] == ["endpoint/platform/ops"]


async def test_documents_that_come_with_it(member: httpx.AsyncClient) -> None:
    """Who would be told once they are applied as well, instead of those of the same name."""
    await created(member, "endpoints", {"name": "old", "team": "payments", "url": "https://hooks.example/x"})
    await created(member, "routes", {"name": "all", "team": "payments", "to": "endpoint/old"})
    new = {"type": "endpoint", "name": "new", "team": "payments", "url": "https://hooks.example/y"}
    route = {"type": "route", "name": "all", "team": "payments", "to": "endpoint/new"}
    said = await tried(member, rule=RULE, generate=[WAVE], documents=[new, route])
    assert said["told"][0]["to"] == "endpoint/payments/new"
    other = await member.post("/v1/rules/test", json={"rule": RULE, "documents": [new | {"team": "search"}]})
    assert other.status_code == 403


async def test_one_or_the_other(admin: httpx.AsyncClient, member: httpx.AsyncClient) -> None:
    """Recorded telemetry is not mixed with samples, is for those who may see it, and is kept for a day."""
    both = await admin.post("/v1/rules/test", json={"rule": RULE, "generate": [WAVE], "recorded": {}})
    assert (both.status_code, "not both" in both.text) == (422, True)
    assert (await member.post("/v1/rules/test", json={"rule": RULE, "recorded": {}})).status_code == 403
    for last in ("3d", "5s"):
        long = await admin.post("/v1/rules/test", json={"rule": RULE, "recorded": {"last": last}})
        assert (long.status_code, f"1m to 1d, which is how long Kafka keeps telemetry, not {last}" in long.text) == (
            422, True,
        )  # fmt: skip


async def asked_for_lines(client: httpx.AsyncClient, rule: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of an answer."""
    headers = {"Accept": "application/x-ndjson"}
    answer = await client.post("/v1/rules/test", json={"rule": rule, "generate": [WAVE]}, headers=headers)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_lines(member: httpx.AsyncClient) -> None:
    """Whoever asks for lines gets the progress first, and at last what an answer without lines has."""
    for limits in ({"above": "90%"}, {"outside": [2, "500%"]}):
        rule = {name: value for name, value in RULE.items() if name != "above"} | limits
        *progress, last = await asked_for_lines(member, rule)
        assert [line["progress"] for line in progress] == sorted(line["progress"] for line in progress)
        assert last["result"] == await tried(member, rule=rule, generate=[WAVE])
        assert last["result"]["alerts"][0]["rule"] == "high"


async def test_what_goes_wrong_on_the_way(member: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure is the last line, with its code; one that nobody foresaw breaks off no answer."""
    for why, code, words in (
        (Refused("too much"), "invalid", "too much"),
        (Unavailable("away"), "unavailable", "away"),
        (KeyError("x"), "failed", "a bug of ours (KeyError)"),
    ):

        def fails(*_: Any, why: Exception = why) -> None:
            raise why

        monkeypatch.setattr("api.routes.rules.tried_apart", fails)
        *_, last = await asked_for_lines(member, RULE)
        assert (last["error"]["code"], words in last["error"]["detail"]) == (code, True)


async def test_what_is_wrong_from_the_first_instant(member: httpx.AsyncClient) -> None:
    """The machines attend when the first sample comes: it fires as in production, not as if it had been missed."""
    said = await tried(member, rule=RULE, samples=[{"at": "0s", "series": "cpu", "value": 9}])
    (first, *_) = said["timeline"]
    assert (first["what"], first["value"], first["delayed"]) == ("fired", 9.0, False)
