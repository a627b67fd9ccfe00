"""Voice under contract: Twilio's own specification reads the form, an XML parser what the call says."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import jsonschema_rs

from sinks.outcome import Delivered, Rejected, Retry
from streams.outcome_code import OutcomeCode as Code
from tests.sinks.channels.case import Case, Row, http_place
from tests.sinks.channels.sms.case import ACCOUNT, KEY, NUMBER, PASSWORD, error
from tests.sinks.receiver import Receiver, Request, responding
from tests.sinks.specs import spec

SPEC = spec("twilio_msg_call.json")
PATH = "/2010-04-01/Accounts/{AccountSid}/Calls.json"
QUEUED = responding("201 Created", body='{"sid":"CA00000000000000000000000000000001","status":"queued"}')
VERBS = {"Response": {"Say", "Gather", "Pause", "Hangup"}, "Gather": {"Say"}}


def fields(receiver: Receiver) -> dict[str, Any]:
    """An account of Twilio, and whom it calls."""
    return {"to": NUMBER, "sender": "+15005550006", "account": ACCOUNT, "login": KEY, "password": PASSWORD,
            "api_url": f"http://127.0.0.1:{receiver.port}", "allow_private": True}  # fmt: skip


def said(twiml: str) -> ElementTree.Element:
    """The document of a call, of verbs that Twilio knows, within one another as it wants them."""
    document = ElementTree.fromstring(twiml)  # noqa: S314  # ours
    assert document.tag == "Response"
    for element in document.iter():
        assert {child.tag for child in element} <= VERBS.get(element.tag, set())
    return document


def oracle(request: Request) -> None:
    """A form that Twilio's specification takes, for this account, and a document that can be read out."""
    assert request.line.split()[1] == PATH.replace("{AccountSid}", ACCOUNT)
    form: dict[str, Any] = dict(parse_qsl(request.body.decode(), strict_parsing=True))
    typed = form | {"Timeout": int(form["Timeout"])}
    if SPEC:
        content = SPEC["paths"][PATH]["post"]["requestBody"]["content"]
        schema = content["application/x-www-form-urlencoded"]["schema"]
        jsonschema_rs.validate(
            {"components": SPEC["components"], **schema, "additionalProperties": False}, typed
        )
    assert 5 <= typed["Timeout"] <= 600
    assert len(form["Twiml"]) <= 4_000
    assert said(form["Twiml"]).findtext(".//Say", "").startswith("Tocsin. ")


CASE = Case(
    place=http_place("voice", fields, QUEUED),
    oracle=oracle,
    secrets=(PASSWORD, NUMBER, NUMBER[1:]),
    table=(
        Row(QUEUED, Delivered, Code.ACCEPTED),
        Row(responding("200 OK", body="<html>Sign in</html>"), Retry, Code.UNKNOWN),
        Row(responding("200 OK", body="{}"), Retry, Code.UNKNOWN),
        Row(error(200, 20003), Rejected, Code.CREDENTIALS),
        *(Row(error(400, code), Rejected, Code.RECIPIENT) for code in (21211, 21214)),
        *(Row(error(400, code), Rejected, Code.REFUSED) for code in (21215, 21219, 99999)),
        Row(error(401, 20003), Rejected, Code.CREDENTIALS),
        Row(error(429, 10004), Retry, Code.BUSY),
        Row(responding("429 Slow", "Retry-After: 2"), Retry, Code.BUSY, 2_000),
        Row(responding("500 Oops"), Retry, Code.UNKNOWN),
        Row(responding("503 Down"), Retry, Code.UNAVAILABLE),
    ),
)
