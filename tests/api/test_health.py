"""Health, lag, sights and the banner's sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import TopicPartition

from api.coverage.coverage import Origin
from api.health import disk
from api.health.lag import Behind, behind
from api.routes import health
from sinks.history import schema
from streams.topics import CHANGES, send


async def test_live(client: Any, broker: Any) -> None:
    """A process that answers is alive, whatever the broker does."""
    broker.why = "gone"
    assert (await client(None).get("/health/live")).status_code == 200


async def test_ready(client: Any, broker: Any) -> None:
    """Ready means that broker and read model answer; else 503 with the reason."""
    assert (await client(None).get("/health/ready")).json() == {"status": "ready", "reasons": []}
    broker.why = "the broker does not answer: KafkaConnectionError"
    answer = await client(None).get("/health/ready")
    assert (answer.status_code, answer.json()["reasons"]) == (503, [broker.why])


async def test_full_disk(
    client: Any, admin: httpx.AsyncClient, broker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is said where people look, before what it has stopped; and that it fills, while there is time."""
    broker.why = "the broker does not answer: start Kafka"
    monkeypatch.setattr(disk, "free", lambda _: 3 << 20)
    reasons = (await client(None).get("/health/ready")).json()["reasons"]
    assert (len(reasons), "is full: 3 MB left; make room there" in reasons[0], reasons[1]) == (
        2,
        True,
        broker.why,
    )
    (first, *_) = (await admin.get("/v1/system")).json()["says"]
    assert (first["level"], "is full: 3 MB left" in first["text"]) == ("bad", True)
    broker.why = ""
    monkeypatch.setattr(disk, "free", lambda _: 300 << 20)
    assert (await client(None).get("/health/ready")).status_code == 200
    says = [one["text"] for one in (await admin.get("/v1/system")).json()["says"]]
    assert any("nearly full: 300 MB left" in text for text in says)


def test_room_of_a_folder_that_is_not_made_yet(tmp_path: Path) -> None:
    """The disk on which it would be made counts."""
    assert abs(disk.free(tmp_path / "not" / "yet") - disk.free(tmp_path)) < 1 << 30
    assert disk.full(65 << 20) == disk.short(1 << 30) == ""


async def test_no_tables(client: Any, history: Any) -> None:
    """A read model that nobody has made yet is said, not a failure."""
    with history.store._engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE about")
        connection.exec_driver_sql("DROP TABLE alerts")
    answer = await client(None).get("/health/ready")
    assert (answer.status_code, "history sink" in answer.text) == (503, True)


@pytest.mark.parametrize(
    ("version", "fix"), [("1", "brings it there when it starts"), ("99", "update Tocsin")]
)
async def test_another_version(client: Any, history: Any, version: str, fix: str) -> None:
    """A read model of another version is said, with who mends it."""
    with history.store._engine.begin() as connection:
        connection.execute(schema.about.update().values(value=version))
    answer = await client(None).get("/health/ready")
    assert (answer.status_code, f"has schema {version}" in answer.text, fix in answer.text) == (
        503,
        True,
        True,
    )


async def test_reading_fails(admin: httpx.AsyncClient, history: Any) -> None:
    """Where the read model cannot be read, requests answer 503 with where to look."""
    with history.store._engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alerts")
    answer = await admin.get("/v1/alerts")
    assert (answer.status_code, "/health/ready" in answer.text) == (503, True)


async def test_lag(admin: httpx.AsyncClient, broker: Any) -> None:
    """The lag of every reader is listed and measured, and a late one is said."""
    broker.places = [
        Behind("detect", "telemetry", 0, 10, 9_000, 8_000),
        Behind("respond", "inbox", 0, 5, 9, 5),
    ]
    lag = (await admin.get("/health/lag")).json()
    assert (lag["status"], lag["behind"], lag["readers"][1]["behind"]) == ("late", 8_990, 4)
    says = [one["text"] for one in (await admin.get("/v1/system")).json()["says"]]
    assert says == [
        "detect has taken nothing of 8990 records for over a minute: what you see and get is late."
    ]
    measured = (await admin.get("/metrics")).text
    assert 'tocsin_behind_records{group="detect",partition="0",topic="telemetry"} 8990.0' in measured
    assert 'tocsin_late{group="detect"} 1.0' in measured
    assert 'tocsin_late{group="respond"} 0.0' in measured


async def test_the_whole_is_measured(admin: httpx.AsyncClient, broker: Any, history: Any) -> None:
    """A scrape looks by itself: whether all answers, and which alerts are open; what is over is not counted."""
    history.alert("a", severity="critical")
    history.alert("b", severity="critical", status="acknowledged")
    history.alert("c", severity="info", status="resolved")
    measured = (await admin.get("/metrics")).text
    assert "tocsin_ready 1.0" in measured
    assert 'tocsin_alerts{severity="critical",status="firing"} 1.0' in measured
    assert 'tocsin_alerts{severity="critical",status="acknowledged"} 1.0' in measured
    assert 'tocsin_alerts{severity="info",status="firing"} 0.0' in measured
    broker.why = "gone"
    assert "tocsin_ready 0.0" in (await admin.get("/metrics")).text


async def test_a_broker_that_hangs(
    admin: httpx.AsyncClient, broker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How it is can be asked while the broker neither answers nor refuses: that is said."""
    monkeypatch.setattr(health, "PATIENCE", 0.05)
    broker.hangs = True
    says = [one["text"] for one in (await admin.get("/v1/system")).json()["says"]]
    broker.hangs = False
    assert ["the broker has not answered" in text for text in says] == [True]


def test_behind() -> None:
    """A reader that has taken nothing yet is behind by all; the projection's place comes from its own table."""
    ends = {
        TopicPartition("telemetry", 0): 7,
        TopicPartition(CHANGES, 0): 9,
        TopicPartition(send("log", True), 0): 3,
    }
    taken = {"sink-log": {TopicPartition(send("log", True), 0): 3}}
    found = {(one.group, one.topic): one.behind for one in behind(taken, ends, {0: 4})}
    assert found == {
        ("detect", "telemetry"): 7,
        ("sink-log", "send.log.critical"): 0,
        ("history", CHANGES): 5,
    }


async def test_sights(admin: httpx.AsyncClient, broker: Any) -> None:
    """Each rule's metrics are shown with when they were last seen, else with the nearest names."""
    rule = {"name": "r", "ratio": "errors_total / calls_total", "over": "5m", "above": "5%"}
    await admin.post("/v1/rules", json=rule)
    broker.metrics = {
        'errors_total{tool="a"}': {Origin("prod", "x"): 1_000},
        "errors_total": {Origin("eu", "x"): 2_000},
        "call_total": {Origin("prod", "x"): 1},
    }
    first, second = (await admin.get("/v1/coverage")).json()["rules"][0]["metrics"]
    assert (first["last_seen"], first["gateways"]) == ("1970-01-01T00:00:02.000Z", ["eu", "prod"])
    assert (second["last_seen"], second["near"]) == (None, ["call_total", "errors_total"])


async def test_schema(client: Any) -> None:
    """The schema lists every kind of document under its own address."""
    paths = (await client(None).get("/v1/openapi.json")).json()["paths"]
    assert {"/v1/rules", "/v1/policies/{document_id}", "/v1/alerts/{alert_id}/acknowledge"} <= set(paths)
