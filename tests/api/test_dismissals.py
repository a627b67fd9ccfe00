"""What people say of anomalies: kept as documents, shown in the alert, taken back."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from streams.documents.dismissal import Dismissal
from tests.api.harness import ANOMALY, POINTS


@pytest.fixture
def strange(history: Any) -> None:
    """An alert of an anomaly rule, resolved since, and one of another rule."""
    history.alert("strange", fingerprint="prod|r1|cpu", anomaly=ANOMALY)
    history.alert(
        "strange",
        "resolved",
        status="resolved",
        version=2,
        fingerprint="prod|r1|cpu",
        anomaly=ANOMALY | {"recent_points": []},
    )
    history.alert("even")


async def test_the_alert_shows_its_picture(strange: None, member: httpx.AsyncClient) -> None:
    """One alert has the rows before it, also when it is over; another rule's has none."""
    shown = (await member.get("/v1/alerts/strange")).json()
    assert [row[1:] for row in shown["anomaly"]["recent_points"]] == [row[1:] for row in POINTS]
    assert shown["anomaly"]["recent_points"][0][0] == "2025-11-24T16:00:00.000Z"
    assert (shown["anomaly"]["score"], shown["dismissed"]) == (0.95, None)
    assert (await member.get("/v1/alerts/even")).json()["anomaly"] is None


async def test_saying_so_makes_a_document(strange: None, member: httpx.AsyncClient, respond: Any) -> None:
    """It is a dismissal of the alert's team, made once however often it is said, and taken back by deleting it."""
    for _ in range(2):
        answer = await member.post("/v1/alerts/strange/not-an-anomaly", json={"notes": "marketing mail"})
        assert answer.status_code == 200, answer.text
    assert [(one.action.do, one.action.type, one.team) for one in respond.sent] == [
        ("put", "dismissal", "payments")
    ]
    document = Dismissal.read(respond.sent[0].action.body)
    assert (document.instance, document.description) == ("prod|r1|cpu", "mo@example.com: marketing mail")
    assert (await member.get("/v1/alerts/strange")).json()["dismissed"]["by"] == "mo@example.com"
    assert [one["name"] for one in (await member.get("/v1/dismissals")).json()["items"]] == ["alert-strange"]
    assert (await member.delete("/v1/alerts/strange/not-an-anomaly")).status_code == 204
    assert (await member.get("/v1/alerts/strange")).json()["dismissed"] is None
    assert (await member.delete("/v1/alerts/strange/not-an-anomaly")).status_code == 404


async def test_only_of_anomalies(strange: None, member: httpx.AsyncClient) -> None:
    """An alert of a threshold is answered with what to do instead."""
    answer = await member.post("/v1/alerts/even/not-an-anomaly", json={"notes": ""})
    assert (answer.status_code, "change its threshold" in answer.text) == (422, True)


async def test_only_of_the_own_team(history: Any, member: httpx.AsyncClient) -> None:
    """Alerts of other teams are not there."""
    history.alert("theirs", team="search", anomaly=ANOMALY)
    assert (await member.post("/v1/alerts/theirs/not-an-anomaly", json={"notes": ""})).status_code == 404


def test_from_a_terminal(strange: None, tocsin: Any, respond: Any) -> None:
    """`tocsin alerts not-an-anomaly` says it, and takes it back."""
    assert tocsin("alerts", "not-an-anomaly", "strange", "--notes", "meant")[0] == 0
    assert "no anomaly, says ada@example.com since" in tocsin("alerts", "show", "strange")[1]
    assert tocsin("alerts", "not-an-anomaly", "strange", "--take-back")[0] == 0
    assert [one.action.do for one in respond.sent] == ["put", "delete"]
