"""Apprise under contract, where the extra is installed: its own JSON service carries the message to a receiver here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import jsonschema_rs
import orjson
import pytest

from sinks.outcome import Delivered, Retry
from streams.outcome_code import OutcomeCode as Code
from tests.sinks.channels.case import Case, Place, Row, http_place
from tests.sinks.receiver import Receiver, Request, responding

SECRET = "a-t0ken-of-a-service"
SCHEMA = {
    "type": "object",
    "required": ["title", "message", "type"],
    "properties": {
        "title": {"type": "string", "minLength": 1},
        "message": {"type": "string", "minLength": 1},
        "type": {"enum": ["failure", "warning", "info", "success"]},
        "attachments": {"maxItems": 0},
    },
}


def fields(receiver: Receiver) -> dict[str, Any]:
    """The JSON service of Apprise, on this machine."""
    return {"url": f"json://127.0.0.1:{receiver.port}/{SECRET}?rto=2", "allow_private": True}


@asynccontextmanager
async def place() -> AsyncIterator[Place]:
    """A receiver; the test is skipped where the extra is not installed."""
    pytest.importorskip("apprise", reason="the package apprise is not installed: it is an extra")
    async with http_place("apprise", fields, responding("200 OK"))() as opened:
        yield opened


def oracle(request: Request) -> None:
    """What Apprise makes of a title and a body, with nothing attached."""
    assert request.line == f"POST /{SECRET} HTTP/1.1"
    jsonschema_rs.validate(SCHEMA, orjson.loads(request.body))


CASE = Case(
    place=place,
    oracle=oracle,
    secrets=(SECRET,),
    table=(
        Row(responding("200 OK"), Delivered, Code.ACCEPTED),
        Row(responding("403 No"), Retry, Code.UNKNOWN),
        Row(responding("500 Oops"), Retry, Code.UNKNOWN),
    ),
    http=False,  # Apprise calls by itself: whom is decided before, see its own tests
)
