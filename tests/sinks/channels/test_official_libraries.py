"""The providers' own libraries as oracles: what they would send, and what they check, beside what we send.

PagerDuty's is no part of the development environment, since its wheel names no licence; its tests are skipped with a
word, and run after `pip install pagerduty`.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import orjson
import pytest

from sinks.channels.opsgenie.payload import step
from sinks.channels.pagerduty.payload import event
from sinks.channels.sms.payload import twilio_fields
from sinks.channels.voice.speech import speech, twiml
from sinks.channels.words import message_of
from streams.channels.opsgenie import OpsgenieEndpoint
from streams.channels.sms import SmsEndpoint

KEY = "0123456789abcdef0123456789abcdef"
ACCOUNT, NUMBER, SENDER = "AC" + "0" * 32, "+491701234567", "+15005550006"


def library(module: str, package: str) -> Any:
    """A module of a provider's library; the test is skipped where it is not installed."""
    return pytest.importorskip(module, reason=f"the package {package} is not installed")


def twilio_client(sent: list[dict[str, str]], answer: dict[str, Any]) -> Any:
    """Twilio's client, which sends nothing; its answers are read as it reads them."""
    http = library("twilio.http", "twilio")
    response = library("twilio.http.response", "twilio")

    class Recorder(http.HttpClient):  # type: ignore[misc, name-defined]  # a library that may be absent
        """Keeps the form of each request."""

        def __init__(self) -> None:
            """Of no logger: nothing is logged."""
            self.logger, self.is_async, self.timeout = None, False, None

        def request(self, method: str, uri: str, **fields: Any) -> Any:
            """Answer as Twilio does."""
            sent.append({name: str(value) for name, value in fields.get("data", {}).items()})
            return response.Response(201, orjson.dumps(answer).decode())

    return library("twilio.rest", "twilio").Client("SK" + "1" * 32, "secret", ACCOUNT, http_client=Recorder())


@pytest.mark.parametrize("what", ["firing", "escalated", "acknowledged", "resolved"])
def test_twilio_would_send_the_same_sms(attempt: Any, what: str) -> None:
    """The same fields, under the same names; and it reads the answer that our tests give."""
    sent: list[dict[str, str]] = []
    client = twilio_client(sent, {"sid": "SM" + "1" * 32, "status": "queued", "num_segments": "1"})
    endpoint = SmsEndpoint(
        name="phone", channel="sms", to=NUMBER, sender=SENDER, account=ACCOUNT, password="x" * 32
    )
    ours = dict(twilio_fields(attempt(what=what), endpoint))
    message = client.messages.create(
        to=NUMBER, from_=SENDER, body=ours["Body"], validity_period=endpoint.valid // 1_000
    )
    assert sent == [ours]
    assert (message.status, message.num_segments) == ("queued", "1")


def test_twilio_would_write_the_same_call(attempt: Any) -> None:
    """Its own builder of TwiML makes the same document, said twice with a key asked for."""
    voice = library("twilio.twiml.voice_response", "twilio")
    message, action = message_of(attempt(what="firing")), "https://t.example/v1/inbound/voice/x?key=1&to=a"
    theirs = voice.VoiceResponse()
    for turn in range(2):
        if turn:
            theirs.pause(length=2)
        gather = voice.Gather(action=action, method="POST", num_digits=1, timeout=10)
        gather.say(speech(message, 400), language="en-US")
        gather.say("Press 1 to acknowledge. Press 2 to call the next step.", language="en-US")
        theirs.append(gather)
    theirs.hangup()
    ours = twiml(message, "en-US", 2, action)
    assert ElementTree.canonicalize(ours) == ElementTree.canonicalize(str(theirs).partition("?>")[2].strip())


@pytest.mark.parametrize("what", ["firing", "escalated", "acknowledged", "resolved", "summary"])
def test_pagerduty_would_send_the_same_event(attempt: Any, what: str) -> None:
    """Given what we say, its client makes the same event, on the same path; it refuses what lacks a key."""
    library_ = library("pagerduty", "pagerduty")
    client, sent = library_.EventsApiV2Client(KEY), list[tuple[str, dict[str, Any]]]()

    def post(path: str, json: dict[str, Any]) -> Any:
        sent.append((path, client.auth_method.auth_param | json))
        answer = {"status": "success", "dedup_key": json.get("dedup_key", "")}
        return SimpleNamespace(is_success=True, ok=True, status_code=202, json=lambda: answer)

    client.post = post
    body = orjson.loads(event(attempt(what=what), KEY))
    if what == "summary":
        client.send_change_event(payload=body["payload"])
    else:
        fields = {name: body[name] for name in ("payload", "client") if name in body}
        assert (
            client.send_event(body["event_action"], dedup_key=body["dedup_key"], **fields)
            == body["dedup_key"]
        )
    assert sent == [("/v2/change/enqueue" if what == "summary" else "/v2/enqueue", body)]


@pytest.mark.parametrize("what", ["firing", "acknowledged", "resolved", "summary"])
@pytest.mark.parametrize("text", ["80 % fail", "x" * 20_000])
def test_opsgenies_models_take_it(attempt: Any, what: str, text: str) -> None:
    """Each field is one that its models know, with a value that they take; lengths are counted elsewhere."""
    library_ = library("opsgenie_sdk", "opsgenie-sdk")
    endpoint = OpsgenieEndpoint(
        name="jsm", channel="opsgenie", service="jsm", api_key="k" * 36, responders=["team/payments"]
    )
    asked = step(attempt(what=what, message=text, title=text, labels={"upstream": text}), endpoint)
    model = {
        "/v2/alerts": library_.CreateAlertPayload,
        "acknowledge": library_.AcknowledgeAlertPayload,
        "close": library_.CloseAlertPayload,
    }
    kind = model[
        asked.path if asked.path == "/v2/alerts" else asked.path.partition("?")[0].rpartition("/")[2]
    ]
    read = kind(**asked.body)
    assert {name: value for name, value in read.to_dict().items() if value is not None} == asked.body
