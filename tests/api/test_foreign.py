"""Alertmanager's and PagerDuty's formats: what their senders say is understood once, by whom may, or refused."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from streams.errors import Unconfirmed
from streams.messages.command import Acknowledge, Command, Principal
from tests.api.conftest import Client

START, LATER = "2025-11-24T15:55:00.000Z", "2025-11-24T18:00:00Z"  # it is 16:00
SLOW: dict[str, Any] = {
    "labels": {"alertname": "Slow", "severity": "page", "team": "payments", "instance": "a:9090", "job": "api"},
    "annotations": {"summary": "Slow answers", "description": "p99 is 3 s", "runbook_url": "https://wiki.example/slow"},
    "startsAt": START, "endsAt": LATER, "generatorURL": "http://prometheus.example/graph",
}  # fmt: skip
SILENCE = {
    "matchers": [{"name": "alertname", "value": "Slow", "isRegex": False, "isEqual": True},
                 {"name": "instance", "value": "a|b.*", "isRegex": True}],
    "startsAt": START, "endsAt": LATER, "createdBy": "anna", "comment": "deploy",
}  # fmt: skip
TRIGGER: dict[str, Any] = {
    "event_action": "trigger", "dedup_key": "disk/a", "client": "nagios",
    "payload": {"summary": "Disk full", "source": "host-a", "severity": "critical", "component": "disk"},
}  # fmt: skip


async def test_prometheus_raises_and_resolves(member: httpx.AsyncClient, respond: Any) -> None:
    """An alert of the rule of its name, of the team of its label; what it says again counts once."""
    for _ in range(3):
        answer = await member.post("/api/v2/alerts", json=[SLOW])
        assert (answer.status_code, answer.content) == (200, b"")
    assert len(respond.sent) == 1
    (alert,) = (await member.get("/v1/alerts")).json()["items"]
    assert (alert["rule"], alert["team"], alert["severity"]) == ("Slow", "payments", "critical")
    assert alert["message"] == "Slow answers: p99 is 3 s"
    assert alert["labels"] == {"gateway": "api", "instance": "a:9090", "job": "api", "source": "Slow"}
    await member.post("/api/v2/alerts", json=[SLOW | {"endsAt": "2025-11-24T15:59:00Z"}])
    assert (await member.get(f"/v1/alerts/{alert['id']}")).json()["status"] == "resolved"


async def test_amtool_sees_what_is_open(member: httpx.AsyncClient) -> None:
    """In its own form, narrowed by its own matchers."""
    await member.post(
        "/api/v2/alerts", json=[SLOW, SLOW | {"labels": SLOW["labels"] | {"alertname": "Down"}}]
    )
    (shown,) = (await member.get("/api/v2/alerts", params={"filter": 'alertname="Slow"'})).json()
    assert (shown["labels"]["alertname"], shown["status"]["state"]) == ("Slow", "active")
    assert (await member.get("/api/v2/alerts", params={"active": "false"})).json() == []


async def test_one_that_is_wrong_stops_none(member: httpx.AsyncClient, respond: Any) -> None:
    """It is named with its field; whoever has no label of a team speaks for their own."""
    wrong = {"labels": {"alertname": "x", "0": "y"}}
    other = {"labels": {"alertname": "Other"}}
    answer = await member.post("/api/v2/alerts", json=[wrong, other])
    assert answer.status_code == 400
    assert "`0.labels.0`" in answer.json()
    assert [command.team for command in respond.sent] == ["payments"]
    others: list[tuple[Any, str]] = [
        ({"labels": {}}, "must be a list of alerts"), ([{"labels": {}}], "`0.labels`"), ([7], "`0` must be fields"),
    ]  # fmt: skip
    for body, says in others:
        assert says in (await member.post("/api/v2/alerts", json=body)).json()
    assert (await member.post("/api/v2/alerts", content=b"{")).status_code == 400


async def test_who_may(client: Client, respond: Any) -> None:
    """Nobody without a token, nobody for a team that is not theirs."""
    assert (await client(None).post("/api/v2/alerts", json=[SLOW])).status_code == 401
    answer = await client(Principal(name="eve", teams=("search",))).post("/api/v2/alerts", json=[SLOW])
    assert (answer.status_code, respond.sent) == (403, [])


async def test_a_silence_is_made_changed_shown_and_ended(member: httpx.AsyncClient) -> None:
    """As amtool does, and it is a silence like any other."""
    made = await member.post("/api/v2/silences", json=SILENCE)
    assert made.status_code == 200, made.text
    id_ = made.json()["silenceID"]
    ours = (await member.get(f"/v1/silences/{id_}")).json()
    assert (ours["covers"], ours["owner"], ours["team"]) == (
        'rule="Slow", instance=~"a|b.*"',
        "anna",
        "payments",
    )
    (shown,) = (await member.get("/api/v2/silences", params={"filter": 'alertname="Slow"'})).json()
    assert (shown["status"]["state"], shown["matchers"][1]) == (
        "active", {"name": "instance", "value": "a|b.*", "isRegex": True, "isEqual": True},
    )  # fmt: skip
    assert (await member.get("/api/v2/silences", params={"filter": 'alertname="Down"'})).json() == []
    longer = SILENCE | {"id": id_, "endsAt": "2025-11-24T20:00:00Z"}
    assert (await member.post("/api/v2/silences", json=longer)).json()["silenceID"] == id_
    assert (await member.get(f"/api/v2/silence/{id_}")).json()["endsAt"] == "2025-11-24T20:00:00.000Z"
    assert (await member.delete(f"/api/v2/silence/{id_}")).status_code == 200
    assert (await member.get(f"/api/v2/silence/{id_}")).status_code == 404  # nothing of it has been yet
    assert (await member.get("/api/v2/silence/00000000-0000-0000-0000-000000000000")).status_code == 404


async def test_a_silence_of_a_file_is_the_files(member: httpx.AsyncClient) -> None:
    """It is changed there, whatever amtool says."""
    ours = {
        "name": "s",
        "team": "payments",
        "covers": "rule=Slow",
        "ends": LATER,
        "owner": "anna",
        "reason": "r",
    }
    made = await member.post("/v1/silences", json=ours | {"file": "s.yaml"}, headers={"Tocsin-From": "files"})
    assert made.status_code == 201, made.text
    answer = await member.post("/api/v2/silences", json=SILENCE | {"id": made.json()["id"]})
    assert (answer.status_code, "s.yaml" in answer.text) == (400, True)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"matchers": []}, "`matchers`"), ({"comment": ""}, "`comment`"), ({"endsAt": "soon"}, "`endsAt`"),
        ({"matchers": [{"name": "alertname", "value": ".*", "isRegex": True}]}, "asks for no label"),
        ({"matchers": [{"name": "0", "value": "x"}]}, "`matchers.0.name`"),
    ],
)  # fmt: skip
async def test_a_silence_that_is_wrong_is_refused(
    member: httpx.AsyncClient, change: dict[str, Any], says: str
) -> None:
    """With the field and the fix."""
    answer = await member.post("/api/v2/silences", json=SILENCE | change)
    assert answer.status_code == 400
    assert says in answer.json()


async def test_pagerduty_events(member: httpx.AsyncClient, client: Client, respond: Any) -> None:
    """Triggered, acknowledged and resolved by one key; the routing key is a token, and needs no header."""
    token = member.headers["authorization"].partition(" ")[2]
    sender, event = client(None), TRIGGER | {"routing_key": token}
    answer = await sender.post("/v2/enqueue", json=event)
    assert (answer.status_code, answer.json()) == (
        202, {"status": "success", "message": "Event processed", "dedup_key": "disk/a"},
    )  # fmt: skip
    (alert,) = (await member.get("/v1/alerts")).json()["items"]
    assert (alert["message"], alert["severity"], alert["labels"]["host"]) == (
        "Disk full",
        "critical",
        "host-a",
    )
    key = {"routing_key": token, "dedup_key": "disk/a"}
    assert (await sender.post("/v2/enqueue", json=key | {"event_action": "acknowledge"})).status_code == 202
    assert isinstance(respond.sent[-1].action, Acknowledge)
    assert (await sender.post("/v2/enqueue", json=key | {"event_action": "resolve"})).status_code == 202
    assert (await member.get(f"/v1/alerts/{alert['id']}")).json()["status"] == "resolved"


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"routing_key": "0" * 32}, 401, "`routing_key` must be a token of Tocsin"),
        ({"event_action": "explode"}, 422, "`event_action`"),
        ({"payload": None}, 422, "`payload` is missing"),
        ({"payload": {"summary": "x", "source": "y", "severity": "bad"}}, 422, "`payload.severity`"),
        ({"event_action": "resolve", "dedup_key": ""}, 422, "`dedup_key` is missing"),
        ({"event_action": "acknowledge", "dedup_key": "other"}, 404, "nothing was triggered with 'other'"),
    ],
)
async def test_an_event_that_is_wrong_is_refused(
    member: httpx.AsyncClient, client: Client, change: dict[str, Any], status: int, says: str
) -> None:
    """With the field and the fix."""
    token = member.headers["authorization"].partition(" ")[2]
    answer = await client(None).post("/v2/enqueue", json=TRIGGER | {"routing_key": token} | change)
    assert answer.status_code == status
    assert says in answer.json()["detail"]


async def test_an_acknowledgement_that_nobody_has_confirmed_is_no_success(
    member: httpx.AsyncClient, client: Client, respond: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its sender is told to send it again, as of what it raises."""
    event = TRIGGER | {"routing_key": member.headers["authorization"].partition(" ")[2]}
    assert (await client(None).post("/v2/enqueue", json=event)).status_code == 202

    async def send(_: Command) -> None:
        raise Unconfirmed("c")

    monkeypatch.setattr(respond, "send", send)
    answer = await client(None).post("/v2/enqueue", json=event | {"event_action": "acknowledge"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
