"""Pushover under contract: the fields and limits of its message API, as its documentation states them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs

import jsonschema_rs
import orjson

from sinks.outcome import Delivered, Rejected, Retry
from streams.outcome_code import OutcomeCode as Code
from tests.sinks.channels.case import Case, Row, http_place
from tests.sinks.receiver import Receiver, Request, responding

TOKEN, USER = "azGDORePK8gMaC0QOYAMyEEuzJnyUi", "uQiRzpo4DXghDmr9QzzfQu27cmVRsG"
RECEIPT = "rLqVuqTRh62UzxtmqiaLzQmVcPgiCy"
TAKEN = responding("200 OK", body=f'{{"status":1,"request":"647d2300-702c","receipt":"{RECEIPT}"}}')
SCHEMA = {
    "type": "object",
    "required": ["token", "user", "message", "title", "priority", "timestamp"],
    "additionalProperties": False,
    "properties": {
        "token": {"const": TOKEN},
        "user": {"const": USER},
        "message": {"type": "string", "minLength": 1, "maxLength": 1024},
        "title": {"type": "string", "minLength": 1, "maxLength": 250},
        "device": {"type": "string"},
        "priority": {"enum": ["-2", "-1", "0", "1", "2"]},
        "timestamp": {"type": "string", "pattern": "^[0-9]{10}$"},
        "retry": {"type": "string"},
        "expire": {"type": "string"},
        "tags": {"type": "string", "pattern": "^group=[0-9a-f]{32}$"},
        "url": {"type": "string", "maxLength": 512},
        "url_title": {"type": "string", "maxLength": 100},
    },
    "if": {"properties": {"priority": {"const": "2"}}},
    "then": {"required": ["retry", "expire"]},
    "else": {"properties": {"retry": False, "expire": False}},
}


def fields(receiver: Receiver) -> dict[str, Any]:
    """An application, and whom it pushes to."""
    return {
        "token": TOKEN,
        "user": USER,
        "api_url": f"http://127.0.0.1:{receiver.port}",
        "allow_private": True,
    }


def fields_of(request: Request) -> dict[str, str]:
    """The form of a request, each field once."""
    several = parse_qs(request.body.decode(), strict_parsing=True, keep_blank_values=True)
    assert all(len(values) == 1 for values in several.values())
    return {name: values[0] for name, values in several.items()}


def oracle(request: Request) -> None:
    """A message within Pushover's limits, or the end of one that sounds."""
    path, form = request.line.split()[1], fields_of(request)
    if path != "/1/messages.json":
        assert re.fullmatch(
            r"/1/receipts/(cancel_by_tag/group%3D[0-9a-f]{32}|[A-Za-z0-9]{30}/cancel)\.json", path
        )
        assert form == {"token": TOKEN}
        return
    jsonschema_rs.validate(SCHEMA, form)
    if form["priority"] == "2":
        assert int(form["retry"]) >= 30
        assert int(form["expire"]) <= 10_800
    assert not re.search(r"[\x00-\x08\x0b-\x1f]", form["message"] + form["title"])


def refused(status: int, **fields: Any) -> str:
    """An error as Pushover spells it."""
    body = fields | {"status": 0, "request": "647d2300-702c"}
    return responding(f"{status} No", body=orjson.dumps(body).decode())


CASE = Case(
    place=http_place("pushover", fields, TAKEN),
    oracle=oracle,
    secrets=(TOKEN, USER),
    table=(
        Row(TAKEN, Delivered, Code.ACCEPTED),
        Row(responding("200 OK", body="hello"), Rejected, Code.REFUSED),
        Row(refused(400, token="invalid", errors=[f"token {TOKEN} is invalid"]), Rejected, Code.CREDENTIALS),
        Row(refused(400, user="invalid", errors=[f"user {USER} is not valid"]), Rejected, Code.RECIPIENT),
        Row(refused(400, device="invalid", errors=["device is not valid for user"]), Rejected, Code.RECIPIENT),
        Row(refused(400, errors=["message cannot be blank"]), Rejected, Code.REFUSED),
        Row(refused(429, errors=["application is over its quota"]), Retry, Code.BUSY, 5_000),
        Row(responding("429 Slow", "Retry-After: 7"), Retry, Code.BUSY, 7_000),
        Row(responding("500 Oops"), Retry, Code.UNAVAILABLE, 5_000),
    ),
)  # fmt: skip
