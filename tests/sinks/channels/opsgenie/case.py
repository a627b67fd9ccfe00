"""Opsgenie under contract: its own specification reads each request, and every limit that it leaves out is counted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import jsonschema_rs
import orjson
import pytest

from sinks.channels.opsgenie import channel
from sinks.outcome import Delivered, Rejected, Retry
from streams.outcome_code import OutcomeCode as Code
from tests.sinks.channels.case import Case, Place, Row, http_place
from tests.sinks.receiver import Receiver, Request, responding
from tests.sinks.specs import spec

KEY = "eb243592-faa2-4ba2-a551q-1afdf565c889"
SPEC = spec("opsgenie_alerts_oas3.json")
NO = '{"message":"no"}'
HEADERS = ("X-RateLimit-State: THROTTLED", "X-RateLimit-Period-In-Sec: 60")


def queued(**data: Any) -> str:
    """The answer to a request, and to the question what became of it."""
    body = {"result": "Request will be processed", "took": 0.1, "requestId": "43a29c5c-3dbf", "data": data}
    return responding("200 OK", body=orjson.dumps(body).decode())


DONE = queued(success=True, isSuccess=True, status="Created alert", alertId="8743a1b2")


def fields(receiver: Receiver) -> dict[str, Any]:
    """An integration."""
    return {"service": "jsm", "api_key": KEY, "api_url": f"http://127.0.0.1:{receiver.port}/jsm/ops/integration",
            "allow_private": True, "responders": ["team/payments", "schedule/night"]}  # fmt: skip


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema of the specification with the others beside it, where its references point."""
    assert SPEC
    return {"components": SPEC["components"], **schema}


def oracle(request: Request) -> None:
    """A request of the API below the service's base, with its key where it wants it."""
    method, target, _ = request.line.split()
    assert request.headers["authorization"] == f"GenieKey {KEY}"
    path, _, query = target.removeprefix("/jsm/ops/integration").partition("?")
    if method == "GET":
        assert path.startswith("/v2/alerts/requests/")
        return
    body = orjson.loads(request.body)
    if path == "/v2/alerts":
        kind = "CreateAlertPayload"
        assert 0 < len(body["message"]) <= 130
        assert 0 < len(body["alias"]) <= 250
        assert len(body["description"]) <= 15_000
        assert len(body["tags"]) <= 20
        assert all(0 < len(tag) <= 50 for tag in body["tags"])
        assert sum(len(name) + len(value) for name, value in body["details"].items()) <= 8_000
        assert all(isinstance(value, str) for value in body["details"].values())
    else:
        kind = "CloseAlertPayload"
        assert path.rpartition("/")[2] in ("acknowledge", "close")
        assert query == "identifierType=alias"
        assert len(body["note"]) <= 25_000
    if SPEC:
        jsonschema_rs.validate(resolved({"$ref": f"#/components/schemas/{kind}"}), body)


@asynccontextmanager
async def opened() -> AsyncIterator[Place]:
    """A receiver whose requests are processed at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(channel, "POLLS", (0.0, 0.0))
        async with http_place("opsgenie", fields, DONE)() as place:
            yield place


CASE = Case(
    place=opened,
    oracle=oracle,
    secrets=(KEY,),
    table=(
        Row(DONE, Delivered, Code.DELIVERED),
        Row(queued(), Delivered, Code.ACCEPTED),
        Row(responding("202 Accepted", body='{"requestId":"r1"}'), Delivered, Code.ACCEPTED),
        Row(responding("200 OK", body="<html>Sign in</html>"), Retry, Code.UNKNOWN),
        Row(responding("200 OK", body='{"message":"Plan has ended","code":40301}'), Rejected, Code.REFUSED),
        Row(queued(success=False, status="Alert does not exist"), Retry, Code.UNAVAILABLE),
        Row(queued(success=False, status="Alert is closed by policy"), Rejected, Code.REFUSED),
        *(
            Row(responding(f"{status} No", body='{"message":"no"}'), Rejected, Code.REFUSED)
            for status in (400, 402, 422)
        ),
        *(Row(responding(f"{status} No"), Rejected, Code.CREDENTIALS) for status in (401, 403)),
        Row(responding("429 Slow", *HEADERS), Retry, Code.BUSY, 60_000),
        Row(responding("429 Slow", "Retry-After: 3"), Retry, Code.BUSY, 3_000),
        Row(responding("429 Slow"), Retry, Code.BUSY),
        Row(responding("503 Down"), Retry, Code.UNAVAILABLE),
    ),
    identity=lambda request: orjson.loads(request.body)["alias"],
)
