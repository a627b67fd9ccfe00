"""ntfy under contract: the fields and limits of publishing as JSON, as a server of version 2.13 was measured."""

from __future__ import annotations

import re
from typing import Any

import jsonschema_rs
import orjson

from sinks.outcome import Delivered, Rejected, Retry
from streams.outcome_code import OutcomeCode as Code
from tests.sinks.channels.case import Case, Row, http_place
from tests.sinks.receiver import Receiver, Request, responding

TOPIC, TOKEN = "ops-7fH2kQ9xZ3mB5tWa", "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"
PUBLISHED = responding("200 OK", body='{"id":"sPs71M8A2T","time":1795000000,"event":"message","topic":"t"}')
ACTION = {
    "type": "object",
    "required": ["action", "label", "url"],
    "additionalProperties": False,
    "properties": {
        "action": {"enum": ["view"]},
        "label": {"type": "string", "minLength": 1},
        "url": {"type": "string", "pattern": "^https?://"},
        "clear": {"type": "boolean"},
    },
}
SCHEMA = {
    "type": "object",
    "required": ["topic", "message", "title", "priority"],
    "additionalProperties": False,
    "properties": {
        "topic": {"const": TOPIC},
        "title": {"type": "string", "minLength": 1, "maxLength": 250},
        "message": {"type": "string", "minLength": 1},
        "priority": {"type": "integer", "minimum": 1, "maximum": 5},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 5},
        "actions": {"type": "array", "items": ACTION, "maxItems": 3},
    },
}


def fields(receiver: Receiver) -> dict[str, Any]:
    """A topic on a server of one's own."""
    return {
        "topic": TOPIC,
        "token": TOKEN,
        "api_url": f"http://127.0.0.1:{receiver.port}",
        "allow_private": True,
    }


def oracle(request: Request) -> None:
    """A message that the server does not turn into a file, published at its root."""
    assert request.line.startswith("POST / ")
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    body = orjson.loads(request.body)
    jsonschema_rs.validate(SCHEMA, body)
    assert len(body["message"].encode()) <= 4_096
    assert len(body["title"].encode()) <= 1_024
    assert not re.search(r"[\x00-\x08\x0b-\x1f]", body["message"] + body["title"])


def refused(status: int, code: int, error: str) -> str:
    """An error as ntfy spells it."""
    body = {"code": code, "http": status, "error": error, "link": "https://ntfy.sh/docs/publish/"}
    return responding(f"{status} No", body=orjson.dumps(body).decode())


CASE = Case(
    place=http_place("ntfy", fields, PUBLISHED),
    oracle=oracle,
    secrets=(TOPIC, TOKEN),
    table=(
        Row(PUBLISHED, Delivered, Code.DELIVERED),
        Row(responding("200 OK", body="<html>Sign in</html>"), Retry, Code.UNKNOWN),
        Row(refused(200, 40301, f"forbidden: {TOPIC}"), Rejected, Code.REFUSED),
        Row(refused(400, 40009, f"invalid topic {TOPIC}"), Rejected, Code.REFUSED),
        Row(refused(401, 40101, "unauthorized"), Rejected, Code.CREDENTIALS),
        Row(refused(403, 40301, f"forbidden: {TOPIC}"), Rejected, Code.CREDENTIALS),
        Row(refused(413, 41301, "attachment too large"), Rejected, Code.REFUSED),
        Row(refused(429, 42901, "limit reached: too many requests"), Retry, Code.BUSY, 5_000),
        Row(responding("429 Slow", "Retry-After: 7"), Retry, Code.BUSY, 7_000),
        Row(refused(507, 50701, "cannot publish to UnifiedPush topic"), Retry, Code.UNAVAILABLE),
        Row(responding("502 Oops"), Retry, Code.UNAVAILABLE),
    ),
)
