"""What tests of the API share: documents to put, and to put them."""

from __future__ import annotations

from typing import Any

import httpx

RULE = {"name": "errors", "team": "payments", "last": "errors", "above": "5%", "severity": "critical"}
HOOK = {
    "name": "hook",
    "team": "payments",
    "url": "https://hooks.example/T0/geheim",
    "secret": "whsec_Z2VoZWltLWdlaGVpbS1nZWhlaW0tZ2VoZWlt",
}


POINTS = [[1_764_000_000_000 + 60_000 * n, 50.0 + n, 40.0, 60.0, 0.1] for n in range(3)]
ANOMALY: dict[str, Any] = {
    "at": POINTS[-1][0], "value": 52.0, "expected": 50.0, "low": 40.0, "high": 60.0, "score": 0.95,
    "part": "distance", "since": POINTS[-1][0], "recent_points": POINTS,
}  # fmt: skip


async def created(client: httpx.AsyncClient, section: str, body: dict[str, Any]) -> dict[str, Any]:
    """The document, created."""
    answer = await client.post(f"/v1/{section}", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())
