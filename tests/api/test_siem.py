"""A gateway's SIEM export: believed by its signature over the bytes as they came, counted once, picked by name."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from streams.messages.command import Principal
from tests.api.conftest import Client
from tests.api.harness import SIEM, siem_post


async def test_an_event(admin: httpx.AsyncClient, broker: Any) -> None:
    """It is kept with the gateway's own id, which a repeat has too, and with labels that are picked by name."""
    body, headers = siem_post("prod", SIEM)
    for _ in range(2):
        answer = await admin.post("/v1/siem/prod", content=body, headers=headers)
        assert (answer.status_code, answer.json()["status"]) == (202, "kept"), answer.text
    first, again = broker.events
    assert (first, first.id) == (again, "prod/siem/evt_1")
    assert (first.gateway, first.source, first.type) == ("prod", "siem", "rate_limit_exceeded")
    assert first.at == 1_763_999_998_000
    assert first.labels == {
        "severity": "medium", "category": "rate_limit", "ip": "127.0.0.1", "dimension": "ip:127.0.0.1",
        "tier": "CRITICAL", "limit": "10",
    }  # fmt: skip
    assert "geheim" not in str(first)


async def test_truth_is_spelled_as_in_events_of_the_bridge(admin: httpx.AsyncClient, broker: Any) -> None:
    """So that one matcher, `success="false"`, is right for both."""
    body, headers = siem_post("prod", SIEM | {"context": {"success": False}})
    assert (await admin.post("/v1/siem/prod", content=body, headers=headers)).status_code == 202
    assert broker.events[0].labels["success"] == "false"


@pytest.mark.parametrize("path", ["/v1/siem/prod", "/v1/siem/other"])
async def test_what_is_not_proved(admin: httpx.AsyncClient, broker: Any, path: str) -> None:
    """Changed bytes, another gateway, another key or no signature: 401, with what to do."""
    body, headers = siem_post("prod", SIEM)
    _, foreign = siem_post("prod", SIEM, key="x" * 32)
    tries = [(body + b" ", headers), (body, foreign), (body, {}), (body, {"X-SIEM-Signature": "none"})]
    for content, signed in tries if path.endswith("prod") else [(body, headers)]:
        answer = await admin.post(path, content=content, headers=signed)
        assert (answer.status_code, "hmac_secret" in answer.text, broker.events) == (401, True, [])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"event_id": ""}, "`event_id`"), ({"timestamp": "soon"}, "`timestamp`"), ({"actor": 7}, "`actor`"),
        ({"event_type": "inventory"}, "`event_type`"), ({"context": [1]}, "`context`"),
    ],
)  # fmt: skip
async def test_an_event_that_is_wrong(
    admin: httpx.AsyncClient, broker: Any, change: dict[str, Any], says: str
) -> None:
    """It is refused by its field."""
    body, headers = siem_post("prod", SIEM | change)
    answer = await admin.post("/v1/siem/prod", content=body, headers=headers)
    assert (answer.status_code, says in answer.json()["detail"], broker.events) == (422, True, [])


async def test_who_may(client: Client, broker: Any) -> None:
    """A signature is no token: whoever speaks for other teams only is refused; 503 while Kafka is away."""
    body, headers = siem_post("prod", SIEM)
    assert (await client(None).post("/v1/siem/prod", content=body, headers=headers)).status_code == 401
    eve = client(Principal(name="eve", teams=("payments",)))
    assert (await eve.post("/v1/siem/prod", content=body, headers=headers)).status_code == 403
    broker.why = "away"
    gateway = client(Principal(name="gateway", teams=("platform",)))
    assert (await gateway.post("/v1/siem/prod", content=body, headers=headers)).status_code == 503
