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


async def created(client: httpx.AsyncClient, section: str, body: dict[str, Any]) -> dict[str, Any]:
    """The document, created."""
    answer = await client.post(f"/v1/{section}", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())
