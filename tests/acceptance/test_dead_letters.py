"""What cannot be handled, on the real Kafka: seen with its reason, sent back, and there anew where it fails again."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from tests.acceptance.product import Product, until
from tests.acceptance.telemetry import Producer, now

pytestmark = pytest.mark.cluster


def test_a_dead_letter_is_seen_and_sent_back(product: Product, admin: httpx.Client) -> None:
    """An event without a type, by an unknown producer: who, why and what to do; a member is told nothing of it."""
    name = f"dead-{uuid.uuid4().hex[:8]}"
    Producer(product).say({"kind": "event", "id": name, "at": now(), "gateway": name, "source": "plugin"})

    def letters() -> list[dict[str, Any]]:
        return list(admin.get("/v1/dead-letters", params={"q": name}).json()["items"])

    (letter,) = until(letters)
    assert (letter["topic"], letter["producer"], letter["code"]) == (
        "telemetry",
        f"plugin of gateway {name}",
        "refused",
    )
    assert "type" in letter["reason"]
    said = product.tocsin("dead-letters", "show", str(letter["offset"]))
    assert (said.code, name in said.text, "what to do:" in said.text) == (0, True, True)
    with product.client("mo@example.com", "--team", "payments") as member:
        assert member.get("/v1/dead-letters").status_code == 403
    path = f"/v1/dead-letters/{letter['offset']}/send-back"
    assert admin.post(path).json()["status"] == "sent_back"
    again = until(lambda: found if len(found := letters()) == 2 else None)
    assert [one["can_be_sent_back"] for one in again] == [True, False]
    assert admin.post(path).status_code == 409
