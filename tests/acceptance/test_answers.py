"""Rows 23, 24, 37, 38: somebody acknowledges, resolves with notes; who may not cannot; no token stands in a query."""

from __future__ import annotations

import httpx
import pytest

from tests.acceptance.product import Product, Receiver, until

pytestmark = pytest.mark.cluster


def test_row_23_acknowledge(product: Product, receiver: Receiver, admin: httpx.Client) -> None:
    """The receiver is told; from the command line somebody says "I have it", and the API shows who and when."""
    alert = product.raised("row 23")
    until(lambda: [one for one in receiver.got if "row 23" in str(one)])
    said = product.tocsin("alerts", "ack", alert["id"])
    assert (said.code, said.text.startswith("acknowledged")) == (0, True), said.text
    shown = admin.get(f"/v1/alerts/{alert['id']}").json()
    assert (shown["status"], shown["acknowledged_by"]) == ("acknowledged", "operator")
    assert shown["acknowledged_at"] == shown["first_acknowledged_at"] >= shown["triggered_at"]


def test_row_24_resolve_with_notes(product: Product, admin: httpx.Client) -> None:
    """Somebody says that it is fixed and what it was; the notes stay with the alert and in its timeline."""
    alert = product.raised("row 24")
    said = product.tocsin("alerts", "resolve", alert["id"], "--notes", "restarted the pool")
    assert said.code == 0, said.text
    shown = admin.get(f"/v1/alerts/{alert['id']}").json()
    assert (shown["status"], shown["resolution_notes"], shown["resolved_by"]) == (
        "resolved", "restarted the pool", "operator",
    )  # fmt: skip
    assert any("restarted the pool" in entry["reason"] for entry in shown["timeline"])


def test_row_37_permissions(product: Product) -> None:
    """Without a token nothing; a viewer sees and answers nothing; another team's alert does not exist."""
    alert = product.raised("row 37")
    path = f"/v1/alerts/{alert['id']}"
    assert httpx.get(product.address + path, trust_env=False).status_code == 401
    with product.client("vic", "--team", "payments", "--role", "viewer") as viewer:
        assert viewer.get(path).status_code == 200
        refused = viewer.post(f"{path}/acknowledge")
        assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    with product.client("sam", "--team", "search", "--role", "admin") as other:
        assert other.get(path).status_code == 404
        assert other.post(f"{path}/resolve", json={}).status_code == 404
    with product.client("rita", "--team", "payments", "--role", "responder") as responder:
        assert responder.post(f"{path}/acknowledge").status_code == 200
        rule = {"name": "mine", "team": "payments", "last": "errors", "above": "5%", "severity": "critical"}
        assert responder.post("/v1/rules", json=rule).status_code == 403


def test_row_38_no_token_in_a_query(product: Product) -> None:
    """A token in the address is refused, even a good one, and is not repeated."""
    token = product.tocsin("token", "mo", "--admin").text.strip()
    answer = httpx.get(f"{product.address}/v1/alerts", params={"token": token}, trust_env=False)
    assert (answer.status_code, token in answer.text) == (400, False)
