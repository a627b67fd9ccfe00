"""SMS under contract: Twilio's own specification reads the form, and another implementation counts the septets."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import gsm0338
import jsonschema_rs
import orjson

from sinks.outcome import Delivered, Rejected, Retry
from streams.outcome_code import OutcomeCode as Code
from tests.sinks.channels.case import Case, Row, http_place
from tests.sinks.receiver import Receiver, Request, responding
from tests.sinks.specs import spec

GSM = gsm0338.Codec()
ACCOUNT, KEY, PASSWORD = "AC" + "0" * 32, "SK" + "1" * 32, "an-api-key-s3cret"
NUMBER = "+491701234567"
SPEC = spec("twilio_msg_call.json")
PATH = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
SID = "SM" + "0" * 31 + "1"
SENT = responding("201 Created", body=f'{{"sid":"{SID}","status":"queued","num_segments":"1"}}')


def twilio(receiver: Receiver) -> dict[str, Any]:
    """An account of Twilio."""
    return {"to": NUMBER, "sender": "+15005550006", "account": ACCOUNT, "login": KEY, "password": PASSWORD,
            "api_url": f"http://127.0.0.1:{receiver.port}", "allow_private": True}  # fmt: skip


def gateway(receiver: Receiver) -> dict[str, Any]:
    """A gateway that takes JSON."""
    return {"provider": "http", "to": NUMBER, "url": f"http://127.0.0.1:{receiver.port}/send?id={{id}}&to={{to}}",
            "content": '{"number": "{to}", "message": "{text}"}', "authorization": "Bearer gateway-s3cret",
            "expect": "accepted", "allow_private": True}  # fmt: skip


def counted(text: str) -> int:
    """The parts of a text, as another implementation of the alphabet counts its septets."""
    try:
        septets = len(GSM.encode(text)[0])
    except UnicodeError:
        units = len(text.encode("utf-16-le")) // 2
        return 1 if units <= 70 else -(-units // 67)
    return 1 if septets <= 160 else -(-septets // 153)


def short(text: str) -> None:
    """A text that two SMS hold, on one line, the state at its beginning."""
    assert 0 < len(text) <= 1_600
    assert counted(text) <= 2
    assert "\n" not in text
    assert text.split(maxsplit=1)[0] in (
        "FIRING",
        "ESCALATED",
        "STILL",
        "ACKNOWLEDGED",
        "RESOLVED:",
        "SEVERAL",
        "SUMMARY",
        "TEST",
        "CODE",
        "ON",
        "REPORT",
    )


def twilio_oracle(request: Request) -> None:
    """A form that Twilio's specification takes, for this account."""
    assert request.line.split()[1] == PATH.replace("{AccountSid}", ACCOUNT)
    form = {name: values[0] for name, values in parse_qs(request.body.decode(), strict_parsing=True).items()}
    if SPEC:
        content = SPEC["paths"][PATH]["post"]["requestBody"]["content"]
        schema = content["application/x-www-form-urlencoded"]["schema"]
        typed: dict[str, Any] = form | {"ValidityPeriod": int(form["ValidityPeriod"])}
        jsonschema_rs.validate(
            {"components": SPEC["components"], **schema, "additionalProperties": False}, typed
        )
    assert 1 <= int(form["ValidityPeriod"]) <= 36_000
    short(form["Body"])


def gateway_oracle(request: Request) -> None:
    """Whole JSON, and an address whose values are its own."""
    query = parse_qs(urlsplit(request.line.split()[1]).query, strict_parsing=True)
    assert query["to"] == [NUMBER]
    body = orjson.loads(request.body)
    assert set(body) == {"number", "message"}
    assert request.headers["authorization"] == "Bearer gateway-s3cret"
    short(body["message"])


def error(status: int, code: int) -> str:
    """An error of Twilio."""
    body = {
        "code": code,
        "message": f"The 'To' number {NUMBER} is no good",
        "more_info": "",
        "status": status,
    }
    return responding(f"{status} No", body=orjson.dumps(body).decode())


CASE = Case(
    place=http_place("sms", twilio, SENT),
    oracle=twilio_oracle,
    secrets=(PASSWORD, NUMBER, NUMBER[1:]),
    table=(
        Row(SENT, Delivered, Code.ACCEPTED),
        Row(responding("200 OK", body="<html>Sign in</html>"), Retry, Code.UNKNOWN),
        Row(responding("200 OK", body="{}"), Retry, Code.UNKNOWN),
        Row(error(200, 20003), Rejected, Code.CREDENTIALS),
        *(Row(error(400, code), Rejected, Code.RECIPIENT) for code in (21211, 21610, 21614, 21635)),
        *(Row(error(400, code), Rejected, Code.REFUSED) for code in (21408, 21608, 21612, 21617, 99999)),
        *(Row(error(400, code), Retry, Code.BUSY) for code in (21611, 30001)),
        Row(error(401, 20003), Rejected, Code.CREDENTIALS),
        Row(error(404, 20404), Rejected, Code.CREDENTIALS),
        Row(error(429, 20429), Retry, Code.BUSY),
        Row(responding("429 Slow", "Retry-After: 2"), Retry, Code.BUSY, 2_000),
        Row(responding("500 Oops"), Retry, Code.UNKNOWN),
        Row(responding("503 Down"), Retry, Code.UNAVAILABLE),
    ),
)
GATEWAY = Case(
    place=http_place("sms", gateway, responding("200 OK", body="accepted")),
    oracle=gateway_oracle,
    secrets=("gateway-s3cret", NUMBER, NUMBER[1:]),
    table=(
        Row(responding("200 OK", body='{"state":"accepted"}'), Delivered, Code.ACCEPTED),
        Row(responding("200 OK", body=f"ERR 401 for {NUMBER}"), Rejected, Code.REFUSED),
        Row(responding("200 OK", body="ERR key gateway-s3cret is blocked"), Rejected, Code.REFUSED),
        Row(responding("403 No"), Rejected, Code.CREDENTIALS),
        Row(responding("400 No"), Rejected, Code.REFUSED),
        Row(responding("429 Slow", "Retry-After: 2"), Retry, Code.BUSY, 2_000),
        Row(responding("502 Oops"), Retry, Code.UNAVAILABLE),
    ),
    identity=lambda request: parse_qs(urlsplit(request.line.split()[1]).query)["id"][0],
)
