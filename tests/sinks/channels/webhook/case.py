"""The webhook under contract: another implementation of Standard Webhooks verifies what it sends."""

from __future__ import annotations

from typing import Any

from standardwebhooks import Webhook as Independent

from sinks.outcome import Delivered, Rejected, Retry
from streams.outcome_code import OutcomeCode as Code
from tests.sinks.channels.case import Case, Row, http_place
from tests.sinks.receiver import Receiver, Request, responding

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TOKEN = "t0ken-of-the-path"


def fields(receiver: Receiver) -> dict[str, Any]:
    """A signed webhook whose path is a secret too."""
    return {"url": f"{receiver.url}/{TOKEN}", "secret": SECRET, "allow_private": True}


def oracle(request: Request) -> None:
    """The signature verifies, and the body is ours."""
    said = Independent(SECRET).verify(request.body, request.headers)
    assert {"notification_id", "what", "severity", "title", "alerts"} <= set(said)


CASE = Case(
    place=http_place("webhook", fields, responding("204 No Content")),
    oracle=oracle,
    secrets=(SECRET, TOKEN),
    table=(
        Row(responding("200 OK"), Delivered, Code.DELIVERED),
        Row(responding("202 Accepted"), Delivered, Code.DELIVERED),
        Row(responding("408 Late"), Retry, Code.BUSY),
        Row(responding("429 Slow", "Retry-After: 7"), Retry, Code.BUSY, 7_000),
        Row(responding("429 Slow"), Retry, Code.BUSY),
        Row(responding("503 Busy", "Retry-After: 86400"), Retry, Code.UNAVAILABLE, 3_600_000),
        Row(responding("500 Oops"), Retry, Code.UNAVAILABLE),
        Row(responding("302 Found", "Location: /elsewhere"), Rejected, Code.REDIRECTED),
        Row(responding("401 Unauthorized"), Rejected, Code.CREDENTIALS),
        Row(responding("404 Not Found"), Rejected, Code.REFUSED),
        Row(responding("410 Gone"), Rejected, Code.GONE),
    ),
    identity=lambda request: request.headers["webhook-id"],
)
