"""`POST /v1/rules/test`: a rule on samples, before it is enabled."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

RULE = {"name": "high", "team": "payments", "last": "cpu", "above": 0.9, "for": "10s", "severity": "critical"}
WAVE = {"series": "cpu", "values": [0.5, 0.99, 0.5], "every": "5s", "times": 40}


async def tried(client: httpx.AsyncClient, **body: Any) -> list[dict[str, Any]]:
    """The timeline of a trial."""
    answer = await client.post("/v1/rules/test", json={"rule": RULE, **body})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["timeline"])


async def test_fires(member: httpx.AsyncClient, respond: Any) -> None:
    """It says when the rule fires and ends and why, and sends nothing."""
    timeline = await tried(member, generate=[WAVE])
    alerts = [(entry["what"], entry["reason"]) for entry in timeline if entry["subject"] == "alert"]
    assert [what for what, _ in alerts][:2] == ["fired", "resolved"]
    assert "10s" in alerts[0][1]
    assert respond.sent == []


async def test_who(member: httpx.AsyncClient) -> None:
    """It says who would be told, by the documents that there are."""
    await member.post(
        "/v1/endpoints", json={"name": "hook", "team": "payments", "url": "https://hooks.example/x"}
    )
    await member.post("/v1/routes", json={"name": "all", "team": "payments", "to": "endpoint/hook"})
    timeline = await tried(member, generate=[WAVE])
    calls = [entry for entry in timeline if entry["subject"] == "call"]
    assert calls[0]["to"] == "endpoint/payments/hook"
    assert "route all" in calls[0]["reason"]


async def test_same_twice(member: httpx.AsyncClient) -> None:
    """The same trial says the same."""
    samples = [{"at": f"{n * 5}s", "series": "cpu", "value": 1} for n in range(30)]
    assert await tried(member, samples=samples) == await tried(member, samples=samples)


async def test_one_at_a_time(member: httpx.AsyncClient) -> None:
    """While one trial runs another is asked to wait, and afterwards there is room again."""
    body = {"rule": RULE, "generate": [WAVE]}
    both = [member.post("/v1/rules/test", json=body) for _ in range(2)]
    answers = await asyncio.gather(*both)
    assert sorted(answer.status_code for answer in answers) == [200, 429]
    assert (await member.post("/v1/rules/test", json=body)).status_code == 200


async def test_warnings(member: httpx.AsyncClient) -> None:
    """What is odd about the samples, and what they cannot show, is said beside the timeline."""
    samples = [{"at": at, "series": 'cup{host="a"}', "value": 1} for at in ("20s", "10s", "10s")]
    samples.append({"at": "2099-01-01T00:00:00Z", "series": 'cup{host="a"}', "value": 1})
    body: dict[str, Any] = {"rule": RULE, "samples": samples[:3]}
    said = (await member.post("/v1/rules/test", json=body)).json()["warnings"]
    assert [words[:9] for words in said] == ["1 samples", "1 samples", "rule high"]
    assert "cpu was not among them; nearest names seen: cup" in said[2]
    ahead = {"rule": RULE, "samples": samples[3:]}
    said = (await member.post("/v1/rules/test", json=ahead)).json()["warnings"]
    assert "lie in the future (the last at 2099-01-01" in said[0]


async def test_an_anomaly_rule_shows_its_rows(member: httpx.AsyncClient) -> None:
    """Two days of a series in one trial: it fires on the dip, and every row has its value, band and score."""
    rule = {"name": "odd", "team": "payments", "anomaly": "load", "over": "5m", "for": "0s"}
    wave = {"series": "load", "values": [50, 52, 51] * 240 + [5, 5], "every": "5m"}
    answer = await member.post("/v1/rules/test", json={"rule": rule, "generate": [wave]})
    assert answer.status_code == 200, answer.text
    said = answer.json()
    alerts = [entry for entry in said["timeline"] if entry["subject"] == "alert" and entry["rule"] == "odd"]
    assert [(entry["what"], "5, where" in entry["message"]) for entry in alerts] == [("fired", True)]
    assert len(said["rows"]) == len(wave["values"]) - 1
    last = said["rows"][-2]
    assert (last["series"], last["value"], last["score"] > 0.9) == ("load", 5.0, True)
    assert 40 < last["low"] < last["high"] < 60


async def test_of_many_rows_the_newest_are_shown(member: httpx.AsyncClient) -> None:
    """An answer holds 5000 rows of models at most, the newest, and says how many there were."""
    rule = {"name": "odd", "team": "payments", "anomaly": "load", "over": "10s", "minimum_history": "0s"}
    wave = {"series": "load", "values": [50, 52, 51, 50], "every": "10s", "times": 1_300}
    said = (await member.post("/v1/rules/test", json={"rule": rule, "generate": [wave]})).json()
    assert (len(said["rows"]), said["rows"][-1]["at"]) == (5_000, max(row["at"] for row in said["rows"]))
    assert [words for words in said["warnings"] if "the newest 5000 of 5199" in words]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "1 to 100000 values"),
        ({"samples": [{"at": "soon", "series": "cpu", "value": 1}]}, "not a time"),
        ({"samples": [{"at": "1s", "series": "{", "value": 1}]}, "not a series"),
        ({"samples": [{"at": "1s", "series": "cpu"}]}, "`samples.0.value` is missing"),
        (
            {"samples": [{"at": 1_700_000_000, "series": "cpu", "value": 1}]},
            "milliseconds since 1970, 1700000000000",
        ),
        ({"samples": [{"at": 30, "series": "cpu", "value": 1}]}, "30 has no unit: write 30s"),
        ({"samples": [{"at": "9999-01-01T00:00:00Z", "series": "cpu", "value": 1}]}, "outside 1973 to 2100"),
        ({"samples": [{"at": "2026-01-01T00:00:00", "series": "cpu", "value": 1}]}, "lacks its zone"),
        (
            {"samples": [{"at": "1s", "series": "cpu", "value": "much"}]},
            "`samples.0.value`: much is not a number",
        ),
        ({"generate": [WAVE], "gateway": "a|b"}, "`gateway`"),
        ({"generate": [WAVE | {"times": 10_000, "values": [1] * 100}]}, "not 1000000"),
    ],
)
async def test_bad(member: httpx.AsyncClient, body: dict[str, Any], words: str) -> None:
    """Samples that cannot be read, and too many of them, are refused with the reason."""
    answer = await member.post("/v1/rules/test", json={"rule": RULE, **body})
    assert (answer.status_code, words in answer.text) == (422, True), answer.text
