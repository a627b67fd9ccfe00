"""PagerDuty under contract: the shape and the limits of Events API v2, as PagerDuty documents them."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import orjson

from sinks.outcome import Delivered, Rejected, Retry
from streams.outcome_code import OutcomeCode as Code
from tests.sinks.channels.case import Case, Row, http_place
from tests.sinks.receiver import Receiver, Request, responding

KEY = "0123456789abcdef0123456789abcdef"
QUEUED = responding("202 Accepted", body='{"status":"success","message":"Event processed","dedup_key":"k"}')
NAMED = {
    "routing_key": {"type": "string", "minLength": 32, "maxLength": 32},
    "dedup_key": {"type": "string", "minLength": 1, "maxLength": 255},
}
PAYLOAD: dict[str, Any] = {
    "type": "object",
    "required": ["summary", "source", "severity"],
    "additionalProperties": False,
    "properties": {
        "summary": {"type": "string", "minLength": 1, "maxLength": 1024},
        "source": {"type": "string", "minLength": 1},
        "severity": {"enum": ["critical", "error", "warning", "info"]},
        "timestamp": {
            "type": "string",
            "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
        },
        "component": {"type": "string"},
        "group": {"type": "string"},
        "class": {"type": "string"},
        "custom_details": {"type": "object"},
    },
}
TRIGGER = {
    "type": "object",
    "required": ["routing_key", "event_action", "payload"],
    "additionalProperties": False,
    "properties": NAMED
    | {"event_action": {"const": "trigger"}, "payload": PAYLOAD, "client": {"type": "string"}},
}
FOLLOW = {
    "type": "object",
    "required": ["routing_key", "event_action", "dedup_key"],
    "additionalProperties": False,
    "properties": NAMED | {"event_action": {"enum": ["acknowledge", "resolve"]}},
}
CHANGE = {
    "type": "object",
    "required": ["routing_key", "payload"],
    "additionalProperties": False,
    "properties": {
        "routing_key": NAMED["routing_key"],
        "payload": PAYLOAD | {
            "required": ["summary"],
            "properties": {
                name: shape for name, shape in PAYLOAD["properties"].items()
                if name in ("summary", "source", "timestamp", "custom_details")
            },
        },
    },
}  # fmt: skip


def fields(receiver: Receiver) -> dict[str, Any]:
    """An integration."""
    return {"routing_key": KEY, "api_url": f"http://127.0.0.1:{receiver.port}", "allow_private": True}


def oracle(request: Request) -> None:
    """An event of the kind that its path takes."""
    body, path = orjson.loads(request.body), request.line.split()[1]
    assert len(request.body) <= 512_000
    if path == "/v2/change/enqueue":
        jsonschema_rs.validate(CHANGE, body)
    else:
        assert path == "/v2/enqueue"
        jsonschema_rs.validate(TRIGGER if body["event_action"] == "trigger" else FOLLOW, body)


INVALID = (
    '{"status":"invalid event","message":"Event object is invalid","errors":["Invalid routing key '
    + KEY
    + '"]}'
)
CASE = Case(
    place=http_place("pagerduty", fields, QUEUED),
    oracle=oracle,
    secrets=(KEY,),
    table=(
        Row(QUEUED, Delivered, Code.ACCEPTED),
        Row(responding("202 Accepted"), Delivered, Code.ACCEPTED),
        Row(responding("200 OK", body="<html>Sign in</html>"), Retry, Code.UNKNOWN),
        Row(responding("200 OK", body=INVALID), Rejected, Code.REFUSED),
        Row(responding("400 Bad", body=INVALID), Rejected, Code.REFUSED),
        Row(responding("403 No"), Rejected, Code.CREDENTIALS),
        Row(responding("404 No"), Rejected, Code.REFUSED),
        Row(responding("429 Slow"), Retry, Code.BUSY, 30_000),
        Row(responding("429 Slow", "Retry-After: 90"), Retry, Code.BUSY, 90_000),
        Row(responding("500 Oops"), Retry, Code.UNAVAILABLE),
        Row(responding("502 Oops"), Retry, Code.UNAVAILABLE),
    ),
    identity=lambda request: orjson.loads(request.body)["dedup_key"],
)
