"""Teams under contract: the published schema of adaptive cards reads each card, and what it leaves out is counted."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import orjson

from sinks.outcome import Delivered, Rejected, Retry
from streams.outcome_code import OutcomeCode as Code
from tests.sinks.channels.case import Case, Row, http_place
from tests.sinks.receiver import Receiver, Request, responding
from tests.sinks.specs import spec

SIGNATURE = "sig-s3cret-of-the-flow"
SCHEMA = spec("adaptive-card-1.4.0.json")
TAKEN = responding("202 Accepted")
LIVE = set("*_[]`~<>|")


def fields(receiver: Receiver) -> dict[str, Any]:
    """A workflow."""
    url = f"http://127.0.0.1:{receiver.port}/workflows/f00/triggers/manual/paths/invoke?sig={SIGNATURE}"
    return {"url": url, "allow_private": True}


def texts(card: dict[str, Any]) -> list[str]:
    """All that the card shows."""
    shown = [block["text"] for block in card["body"] if block["type"] == "TextBlock"]
    facts = [fact for block in card["body"] if block["type"] == "FactSet" for fact in block["facts"]]
    return [*shown, *(fact[name] for fact in facts for name in ("title", "value"))]


def oracle(request: Request) -> None:
    """A message with one card of version 1.4 in what Teams takes; nothing from outside is live in it."""
    assert len(request.body) <= 28_000
    body = orjson.loads(request.body)
    (attachment,) = body["attachments"]
    assert (body["type"], attachment["contentUrl"]) == ("message", None)
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert card["version"] == "1.4"
    if SCHEMA:
        jsonschema_rs.validate(SCHEMA, {name: value for name, value in card.items() if name != "msteams"})
    for text in texts(card):
        unescaped = [
            mark for before, mark in zip(" " + text, text, strict=False) if mark in LIVE and before != "\\"
        ]
        assert unescaped == [], text


CASE = Case(
    place=http_place("teams", fields, TAKEN),
    oracle=oracle,
    secrets=(SIGNATURE,),
    table=(
        Row(TAKEN, Delivered, Code.ACCEPTED),
        Row(responding("200 OK"), Delivered, Code.ACCEPTED),
        Row(responding("200 OK", body="<html>Sign in</html>"), Retry, Code.UNKNOWN),
        Row(responding("200 OK", body='{"error":{"code":"WorkflowSuspended"}}'), Rejected, Code.REFUSED),
        Row(
            responding("400 Bad", body='{"error":{"code":"TriggerInputSchemaMismatch"}}'),
            Rejected,
            Code.REFUSED,
        ),
        *(Row(responding(f"{status} No"), Rejected, Code.CREDENTIALS) for status in (401, 403)),
        Row(responding("404 No"), Rejected, Code.REFUSED),
        Row(responding("410 Gone"), Rejected, Code.GONE),
        Row(responding("413 Large"), Rejected, Code.REFUSED),
        Row(responding("429 Slow"), Retry, Code.BUSY),
        Row(responding("429 Slow", "Retry-After: 9"), Retry, Code.BUSY, 9_000),
        Row(responding("502 Oops"), Retry, Code.UNAVAILABLE),
        Row(responding("504 Oops"), Retry, Code.UNAVAILABLE),
    ),
)
