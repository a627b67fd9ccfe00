"""Row 33: rules and alerts have the fields of the given data model; row 34: plugins and services report themselves."""

from __future__ import annotations

from uuid import UUID

import httpx
import pytest

from tests.acceptance.product import Product, until
from tests.acceptance.rows import alerts, applied, in_force
from tests.acceptance.telemetry import happening

pytestmark = pytest.mark.cluster

RULE = {"id", "name", "description", "condition", "severity", "enabled", "routing", "escalation_policy_id"}
ALERT = {
    "id", "rule_id", "status", "severity", "message", "triggered_at", "acknowledged_at", "acknowledged_by",
    "resolved_at", "resolved_by", "resolution_notes",
}  # fmt: skip


def test_row_33_data_model(product: Product, admin: httpx.Client) -> None:
    """A rule is made, read and changed by the fields of the model, and its alert goes through their three states."""
    applied(
        product,
        "row-33",
        "endpoints:\n  - {name: hook, team: row-33, url: 'https://hooks.example/row-33'}\n"
        "policies:\n  - {name: night, team: row-33, steps: [{notify: endpoint/log}]}\n",
    )
    (policy,) = admin.get("/v1/policies", params={"team": "row-33"}).json()["items"]
    body = {
        "name": "row-33-rule", "team": "row-33", "description": "As the model has it.", "severity": "critical",
        "condition": {"event": "row33_down"}, "enabled": False, "routing": {"notify": ["endpoint/hook"]},
        "escalation_policy_id": policy["id"],
    }  # fmt: skip
    made = admin.post("/v1/rules", json=body)
    assert made.status_code == 201, made.text
    rule = admin.get(f"/v1/rules/{made.json()['id']}").json()
    assert rule.keys() >= RULE
    assert UUID(rule["id"])
    for name in ("name", "description", "severity", "enabled", "routing", "escalation_policy_id"):
        assert rule[name] == body[name], name
    assert rule["condition"]["event"] == ["row33_down"]
    changed = admin.put(
        f"/v1/rules/{rule['id']}", json=rule | {"enabled": True, "escalation_policy_id": None}
    )
    assert (changed.status_code, changed.json()["escalation_policy_id"]) == (200, None), changed.text
    in_force(product, admin, "row-33").say(happening("row-33", "row33_down", "row-33/1"))
    (alert,) = until(lambda: alerts(admin, "row-33-rule"))
    assert alert.keys() >= ALERT
    assert (UUID(alert["id"]) and alert["rule_id"], alert["status"]) == (rule["id"], "firing")
    assert admin.post(f"/v1/alerts/{alert['id']}/acknowledge").json()["status"] == "acknowledged"
    ended = admin.post(f"/v1/alerts/{alert['id']}/resolve", json={"notes": "restarted"}).json()
    assert (ended["status"], ended["resolution_notes"]) == ("resolved", "restarted")
    order = [ended[f"{what}_at"] for what in ("triggered", "acknowledged", "resolved")]
    assert order == sorted(order)
    assert ended["acknowledged_by"] == ended["resolved_by"] != None  # noqa: E711


def test_row_34_emit(product: Product, admin: httpx.Client) -> None:
    """A service raises an alert by its token, once however often it says it, and ends it by the same dedup key."""
    body = {
        "source": "backup", "title": "row 34 failed", "message": "disk full", "severity": "critical", "team": "row-34",
        "dedup_key": "nightly", "category": "storage", "correlation_id": "run-7",
    }  # fmt: skip
    with product.client("backup", "--team", "row-34", "--role", "responder") as service:
        first = service.post("/v1/alerts", json=body, headers={"Idempotency-Key": "row-34-first"})
        again = service.post("/v1/alerts", json=body, headers={"Idempotency-Key": "row-34-first"})
        assert (first.status_code, first.json()["reason"]) == (200, "raised"), first.text
        assert again.json()["alert"]["id"] == first.json()["alert"]["id"]
        service.post("/v1/alerts", json=body)
        (alert,) = alerts(admin, "backup", team="row-34")
        assert (alert["labels"]["correlation_id"], alert["message"]) == ("run-7", "row 34 failed: disk full")
        assert service.post("/v1/alerts", json=body | {"team": "payments"}).status_code == 403
        assert service.post("/v1/alerts", json=body | {"message": "x" * 70_000}).status_code in (413, 422)
        unknown = service.post("/v1/alerts", json=body | {"sevrity": "info"})
        assert (unknown.status_code, "severity" in unknown.text) == (422, True)
        ended = service.post("/v1/alerts", json=body | {"status": "resolved"}).json()
        assert (ended["reason"], ended["alert"]["id"]) == ("resolved", alert["id"])
        event = {"gateway": "row-34", "source": "guard", "type": "plugin_violation"}
        assert service.post("/v1/events", json=event).status_code == 403  # events are the platform's
    assert httpx.post(f"{product.address}/v1/alerts", json=body, trust_env=False).status_code == 401


def test_row_34_emit_events(product: Product, admin: httpx.Client) -> None:
    """An event counts once, whether it comes twice over HTTP or over HTTP and Kafka; a rule judges it."""
    applied(
        product,
        "row-34",
        "rules:\n  - {name: row-34-twice, event: row34_*, by: [type], over: 1m, at_or_above: 2, severity: info}\n"
        "  - {name: row-34-each, event: row34_*, by: [n]}\n",
    )
    body = {"gateway": "row-34", "source": "guard", "type": "row34_seen", "labels": {"n": "1"}, "id": "7"}
    producer = in_force(product, admin, "row-34")
    kept = [admin.post("/v1/events", json=body) for _ in range(2)]
    assert [answer.status_code for answer in kept] == [202, 202]
    producer.say(happening("row-34", "row34_seen", kept[0].json()["id"], n="1"))
    until(lambda: alerts(admin, "row-34-each"))
    assert alerts(admin, "row-34-twice") == []
    producer.say(happening("row-34", "row34_seen", "another", n="2"))
    (alert,) = until(lambda: alerts(admin, "row-34-twice"))
    assert alert["reason"].startswith("2, at or above 2")
