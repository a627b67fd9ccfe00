"""Canaries go the whole way of an alert in a running product; nobody sees them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.acceptance.product import Product, until

pytestmark = pytest.mark.cluster


def test_they_arrive_and_nobody_sees_them(product: Product, admin: httpx.Client) -> None:
    """One of each partition, through a producer, all stages and a sink; no list, history or timeline has them."""

    def landed() -> dict[str, Any] | None:
        answer = httpx.get(f"http://127.0.0.1:{product.canary_port}/", trust_env=False).json()
        return answer if answer["proven"] else None

    state = until(landed)
    assert len(state["ages"]) == 4
    assert not state["told"]
    for path in ("/v1/alerts", "/v1/history", "/v1/notifications"):
        answer = admin.get(path, params={"limit": 200})
        assert answer.is_success, answer.text
        assert "canary" not in answer.text
    said = product.tocsin("doctor")
    assert "canary" not in said.text.replace("TOCSIN_CANARY", "").replace("no canary", "")
