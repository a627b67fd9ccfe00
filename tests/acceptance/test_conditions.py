"""Rows 1 to 3, 5 and 9: rules on metrics, events, severities, ratios and what is unusual, from sample to alert."""

from __future__ import annotations

import math
from typing import Any

import httpx
import pytest

from tests.acceptance import harness
from tests.acceptance.product import Product, Receiver, until
from tests.acceptance.rows import alerts, applied, in_force, told_by
from tests.acceptance.telemetry import LOGINS, Gateway, frame, happening, now, watched

pytestmark = pytest.mark.cluster


def test_row_1_metric_thresholds(product: Product, receiver: Receiver, admin: httpx.Client) -> None:
    """A rule from a file and one from the API: a sample beyond makes an alert in the list, and the webhook hears it."""
    rule = "rules:\n  - {name: row-1-disk, team: row-1, last: row1_disk, above: 80%, for: 0s, severity: critical}\n"
    applied(product, "row-1", rule + told_by(receiver, "row-1"))
    body = {"name": "row-1-queue", "team": "row-1", "condition": {"last": "row1_queue", "below": 5}}
    made = admin.post("/v1/rules", json=body | {"for": "0s", "severity": "critical"})
    assert made.status_code == 201, made.text
    harness.in_force(product, "row-1")
    producer = in_force(product, admin, "row-1")
    producer.samples("row-1", {'row1_disk{host="a"}': 0.8, "row1_queue": 5.0})
    producer.samples("row-1", {'row1_disk{host="a"}': 0.91, "row1_queue": 4.0})
    for name, words in (("row-1-disk", "91% is above 80%"), ("row-1-queue", "4 is below 5")):
        (alert,) = until(lambda name=name: alerts(admin, name))  # type: ignore[misc]
        assert (alert["status"], alert["severity"], alert["gateway"]) == ("firing", "critical", "row-1")
        assert words in alert["message"]
        assert alert["id"] in [
            one["id"] for one in admin.get("/v1/alerts", params={"q": name}).json()["items"]
        ]
        until(lambda words=words: [one for one in receiver.got if words in str(one)])  # type: ignore[misc]


def test_row_2_server_down_and_back(product: Product, admin: httpx.Client) -> None:
    """A service says by the emit API that a server is down: one alert of it; that it is back ends the alert."""
    applied(
        product,
        "row-2-down",
        "rules:\n  - {name: row-2-down, event: row2_down, by: [server], ends_with: row2_up, severity: critical}\n",
    )
    in_force(product, admin, "row-2-down")
    for server in ("a", "b"):
        said = product.tocsin(
            "emit", "event", "row-2-down", "row2_down", "--source", "monitor", "--label", f"server={server}"
        )
        assert said.code == 0, said.text
    found = until(lambda: both if len(both := alerts(admin, "row-2-down")) == 2 else None)
    assert sorted(alert["labels"]["server"] for alert in found) == ["a", "b"]
    assert admin.post(
        "/v1/events", json={"gateway": "row-2-down", "source": "monitor", "type": "row2_up", "labels": {"server": "a"}}
    ).status_code == 202  # fmt: skip
    (over,) = until(lambda: alerts(admin, "row-2-down", status="resolved"))
    assert (over["labels"]["server"], over["resolved_by"]) == ("a", None)
    assert [alert["labels"]["server"] for alert in alerts(admin, "row-2-down", status="firing")] == ["b"]


def test_row_2_alerts_for_events(product: Product, admin: httpx.Client) -> None:
    """Three failed logins of one address within the window, over Kafka, are an alert; it ends when there are fewer."""
    applied(
        product,
        "row-2",
        "rules:\n  - {name: row-2-logins, event: row2_login, where: 'success=\"false\"', by: [ip], over: 4s,\n"
        "     above: {warning: 2, critical: 9}, keep_firing_for: 1s, message: '{value} failed from {labels}'}\n",
    )
    producer = in_force(product, admin, "row-2")
    failed = {"success": "false"}
    producer.say(
        *[happening("row-2", "row2_login", f"row-2/{n}", ip="192.0.2.7", **failed) for n in range(3)],
        *[happening("row-2", "row2_login", f"row-2/b{n}", ip="192.0.2.8", **failed) for n in range(2)],
        *[happening("row-2", "row2_login", f"row-2/c{n}", ip="192.0.2.9", success="true") for n in range(4)],
    )
    (alert,) = until(lambda: alerts(admin, "row-2-logins"))
    assert (alert["labels"]["ip"], alert["severity"]) == ("192.0.2.7", "warning")
    assert alert["message"].startswith("3 failed from")
    (over,) = until(lambda: alerts(admin, "row-2-logins", status="resolved"))
    assert over["id"] == alert["id"]


def test_row_2_authentication_failures(product: Product, admin: httpx.Client) -> None:
    """The bridge reads the gateway's log of logins: wrong passwords from one address are an alert that names it."""
    applied(
        product,
        "row-2-auth",
        'rules:\n  - {name: row-2-auth, event: login, where: \'success="false", gateway="row-2-auth"\', by: [ip],\n'
        "     over: 5m, above: 2, severity: critical}\n",
    )
    gateway = Gateway()
    gateway.refuse("ada@example.com", "192.0.2.1")  # before it is watched: not told
    in_force(product, admin, "row-2-auth")
    watched(product, gateway, "row-2-auth")
    gateway.asked.clear()  # by `connect`
    try:
        until(lambda: gateway.asked.count(LOGINS) > 1)  # so the bridge has taken in what was there before
        for user in ("ada@example.com", "ben@example.com", "cleo@example.com"):
            gateway.refuse(user, "192.0.2.66")
        (alert,) = until(lambda: alerts(admin, "row-2-auth"))
        assert (alert["labels"]["ip"], alert["value"]) == ("192.0.2.66", 3.0)
    finally:
        product.run("disconnect", "row-2-auth")
        gateway.die()


def test_row_3_severities(product: Product, admin: httpx.Client) -> None:
    """One rule, three severities: its one alert begins as info, worsens, eases and ends, each with its reason."""
    applied(
        product,
        "row-3",
        "rules:\n  - {name: row-3-heat, last: row3_heat, above: {info: 10, warning: 20, critical: 30},\n"
        "     for: 0s, keep_firing_for: 1s}\n",
    )
    producer = in_force(product, admin, "row-3")
    for value, severity in ((15, "info"), (25, "warning"), (35, "critical"), (25, "warning"), (15, "info")):

        def shown(value: int = value, severity: str = severity) -> Any:
            producer.samples("row-3", {"row3_heat": value})
            found = alerts(admin, "row-3-heat")
            return found if found and found[0]["severity"] == severity else None

        (alert,) = until(shown)
    producer.samples("row-3", {"row3_heat": 5})

    def over() -> Any:
        producer.samples("row-3", {"row3_heat": 5})
        return alerts(admin, "row-3-heat", status="resolved")

    (ended,) = until(over)
    assert ended["id"] == alert["id"]
    timeline = admin.get(f"/v1/alerts/{ended['id']}").json()["timeline"]
    codes = [entry["reason_code"] for entry in timeline if entry["subject"] == "alert"]
    wanted = ["holds", "severity_rose", "severity_rose", "severity_fell", "severity_fell", "cleared"]
    assert [code for code in codes if code in wanted] in (wanted, wanted[::-1])


def test_row_5_error_rate(product: Product, admin: httpx.Client) -> None:
    """Of two counters: five errors of a hundred are not above 5 %, and are at 5 %; one more is above it."""
    rule = "ratio: 'row5_calls_total{{result=\"error\"}} / row5_calls_total', over: 1m, for: 0s, at_least: 20"
    applied(
        product,
        "row-5",
        f"rules:\n  - {{name: row-5-above, {rule.format()}, above: 5%}}\n"
        f"  - {{name: row-5-at, {rule.format()}, at_or_above: 5%}}\n",
    )

    def counted(errors: int, calls: int, ago: int) -> dict[str, Any]:
        series = {'row5_calls_total{result="ok"}': calls - errors, 'row5_calls_total{result="error"}': errors}
        return frame("row-5", series, now() - ago)

    producer = in_force(product, admin, "row-5")
    producer.say(counted(40, 4_000, 30_000), counted(45, 4_100, 20_000))
    (at,) = until(lambda: alerts(admin, "row-5-at"))
    assert (at["value"], "5% is at or above 5%" in at["message"]) == (0.05, True)
    assert alerts(admin, "row-5-above") == []
    producer.say(counted(51, 4_200, 10_000))
    (above,) = until(lambda: alerts(admin, "row-5-above"))
    assert above["value"] == 0.055


def test_row_9_anomaly(product: Product, admin: httpx.Client) -> None:
    """Eight minutes of a series that behaves, then a drop: an alert with its reading, and the reason in words."""
    applied(
        product,
        "row-9",
        "rules:\n  - {name: row-9-traffic, anomaly: row9_load, over: 1s, minimum_history: 2m, for: 0s}\n",
    )
    producer = in_force(product, admin, "row-9")
    begin = now() - 500_000
    usual = [
        frame("row-9", {"row9_load": 50 + 5 * math.sin(n / 9) + n % 3}, begin + 1_000 * n) for n in range(480)
    ]
    producer.say(*usual)
    producer.say(*[frame("row-9", {"row9_load": 2.0}, begin + 1_000 * n) for n in range(480, 495)])
    (alert,) = until(lambda: alerts(admin, "row-9-traffic"))
    reading = admin.get(f"/v1/alerts/{alert['id']}").json()["anomaly"]
    assert reading["value"] < reading["low"] < reading["high"]
    assert reading["score"] >= 0.9
    assert len(reading["recent_points"]) > 30
    assert "where" in alert["message"]
    assert alert["reason"]
