"""PagerDuty's webhooks (v3): somebody has acknowledged or resolved the incident of a group. Pure.

{"event": {"id": "01D…", "event_type": "incident.acknowledged", "occurred_at": "2026-12-07T09:00:00Z",
 "agent": {"type": "user_reference", "summary": "Anna"},
 "data": {"type": "incident", "incident_key": "<the group's key>"}}}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from sources.intake.answers import (
    ProviderAnswer,
    hexadecimal,
    inner,
    instant,
    is_key,
    object_of,
    person,
    same,
)

HEADER = "x-pagerduty-signature"
_TYPES: dict[str, Literal["acknowledge", "resolve"]] = {
    "incident.acknowledged": "acknowledge",
    "incident.resolved": "resolve",
}


def is_signed(raw: bytes, headers: Mapping[str, str], secret: str) -> bool:
    """Whether one of the signatures is that of the secret; while PagerDuty changes a secret there are several."""
    signatures = [part.strip() for part in headers.get(HEADER, "").split(",")]
    wanted = f"v1={hexadecimal(secret, raw)}"
    return any(same(wanted, signature) for signature in signatures)


def answers(raw: bytes) -> list[ProviderAnswer]:
    """What a person did; nothing where it was an automation, which may have been us, or concerns no group of ours."""
    event = inner(object_of(raw), "event")
    do, agent, id = _TYPES.get(str(event.get("event_type"))), inner(event, "agent"), event.get("id")
    key = inner(event, "data").get("incident_key")
    at = instant(event.get("occurred_at"))
    if do is None or not is_key(key) or agent.get("type") != "user_reference" or not isinstance(id, str):
        return []
    return [ProviderAnswer(do, str(key), person(agent.get("summary"), "PagerDuty"), id, at)]
