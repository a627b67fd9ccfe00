"""Rows 11 to 16: each channel tells a real receiver in its own terms, and what people answer there comes back."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
import orjson
import pytest
from slack_sdk.signature import SignatureVerifier
from standardwebhooks import Webhook

from tests.acceptance.harness import Provider, Providers, applied, document, shown, told
from tests.acceptance.product import Product, until
from tests.sinks.channels.webhook.case import SECRET as WEBHOOK_SECRET
from tests.sinks.receiver import responding

pytestmark = pytest.mark.cluster
SECRET = "geheim-geheim-geheim"  # of the way back


def raised(product: Product, provider: Provider, team: str, **more: Any) -> dict[str, Any]:
    """A new alert of a team whose policy tells one endpoint, which leads to the provider."""
    applied(
        product,
        team,
        endpoints=[provider.endpoint("place", team, **more)],
        policies=[{"name": "default", "steps": [{"notify": "endpoint/place"}]}],
    )
    return product.raised(team.replace("-", " "), team=team)


def answer(product: Product, provider: str, team: str, body: bytes, headers: dict[str, str]) -> None:
    """A provider says something of the team's endpoint, from outside: without a token, and not without its proof."""
    id = document(product, "endpoints", team, "place")["id"]
    url = f"{product.address}/v1/inbound/{provider}/{id}"
    assert httpx.post(url, content=body, trust_env=False).status_code == 401
    taken = httpx.post(url, content=body, headers=headers, trust_env=False)
    assert taken.status_code == 200, taken.text


def acknowledged_by(product: Product, alert: dict[str, Any]) -> str:
    """Who has it, once somebody has."""
    now = until(lambda: found if (found := shown(product, alert))["status"] == "acknowledged" else None)
    return str(now["acknowledged_by"])


def resolve(product: Product, alert: dict[str, Any]) -> None:
    """Somebody says that it is fixed."""
    said = product.run("alerts", "resolve", alert["id"])
    assert said.code == 0, said.text


def test_row_11_email(product: Product, providers: Providers) -> None:
    """A mail tells; its link opens without an effect, its button acknowledges; all mails form one thread."""
    mailbox = providers.open("email")
    alert = raised(product, mailbox, "row-11")
    (mail,) = mailbox.wait(1)
    link = re.search(rf"{product.address}/a/\S+", mail.text())
    assert link, mail.text()
    page = httpx.get(link[0], trust_env=False)
    assert (page.status_code, "row 11" in page.text) == (200, True)
    assert shown(product, alert)["status"] == "firing"
    assert "Acknowledged" in httpx.post(link[0], trust_env=False).text
    assert acknowledged_by(product, alert) == "somebody by link (place)"
    resolve(product, alert)
    mails = [one.parsed for one in mailbox.wait(2)]
    states, subjects = zip(*(one["Subject"].split("] ") for one in mails), strict=True)
    assert states == ("[FIRING critical", "[RESOLVED")
    assert len(set(subjects)) == len({one["References"] for one in mails}) == 1
    assert len({one["Message-ID"] for one in mails}) == 2


def test_row_12_webhook(product: Product, providers: Providers) -> None:
    """A signed call tells, in the documented shape, and the public library of the standard verifies it."""
    receiver = providers.open("webhook")
    alert = raised(product, receiver, "row-12")
    resolve(product, alert)
    calls = receiver.wait(2)
    bodies = [Webhook(WEBHOOK_SECRET).verify(call.body, call.headers) for call in calls]
    assert [body["what"] for body in bodies] == ["firing", "resolved"]
    assert {body["alerts"][0]["id"] for body in bodies} == {alert["id"]}
    assert [call.headers["webhook-id"] for call in calls] == [body["notification_id"] for body in bodies]


def test_row_13_sms(product: Product, providers: Providers) -> None:
    """Twilio, and a gateway that takes any HTTP request, are asked to send what two SMS hold."""
    twilio, gateway = providers.open("sms"), providers.open("sms (gateway)")
    applied(
        product,
        "row-13",
        endpoints=[twilio.endpoint("phone", "row-13"), gateway.endpoint("other", "row-13")],
        policies=[{"name": "default", "steps": [{"notify": ["endpoint/phone", "endpoint/other"]}]}],
    )
    product.raised("row 13", team="row-13")
    (form,) = [parse_qs(one.body.decode()) for one in twilio.wait(1)]
    (body,) = [orjson.loads(one.body) for one in gateway.wait(1)]
    assert form["Body"] == [body["message"]]
    assert body["message"].startswith("FIRING critical: row 13")


def test_row_14_pagerduty(product: Product, providers: Providers) -> None:
    """One key triggers, acknowledges and resolves an incident; who acknowledges it there has the alert."""
    pagerduty = providers.open("pagerduty")
    alert = raised(product, pagerduty, "row-14", webhook_secret=SECRET)
    (trigger,) = [orjson.loads(one.body) for one in pagerduty.wait(1)]
    event = {
        "id": "01BBYA", "event_type": "incident.acknowledged", "occurred_at": datetime.now(UTC).isoformat(),
        "agent": {"type": "user_reference", "summary": "Anna"},
        "data": {"id": "PGR0VU2", "type": "incident", "incident_key": trigger["dedup_key"]},
    }  # fmt: skip
    body = orjson.dumps({"event": event})
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    answer(product, "pagerduty", "row-14", body, {"X-PagerDuty-Signature": f"v1={signature}"})
    assert acknowledged_by(product, alert) == "Anna by PagerDuty"
    pagerduty.wait(2)
    resolve(product, alert)
    events = [orjson.loads(one.body) for one in pagerduty.wait(3)]
    assert [one["event_action"] for one in events] == ["trigger", "acknowledge", "resolve"]
    assert {one["dedup_key"] for one in events} == {trigger["dedup_key"]}


def test_row_15_opsgenie(product: Product, providers: Providers) -> None:
    """An alert is created, acknowledged and closed by one alias; who acknowledges it there has the alert."""
    opsgenie = providers.open("opsgenie")
    alert = raised(product, opsgenie, "row-15", webhook_secret=SECRET)
    alias = orjson.loads(opsgenie.wait(1)[0].body)["alias"]
    theirs = {
        "alertId": "052652ac",
        "alias": alias,
        "username": "anna@example.com",
        "updatedAt": time.time_ns(),
    }
    body = orjson.dumps({"action": "Acknowledge", "alert": theirs, "source": {"name": "", "type": "web"}})
    answer(product, "opsgenie", "row-15", body, {"X-Tocsin-Secret": SECRET})
    assert acknowledged_by(product, alert) == "anna@example.com by Opsgenie"
    told(opsgenie, "/acknowledge", 1)
    resolve(product, alert)
    told(opsgenie, "/close", 1)
    asked = [one.line.split()[1] for one in opsgenie.place.messages() if one.line.startswith("POST")]
    steps = [f"/v2/alerts/{alias}/{step}?identifierType=alias" for step in ("acknowledge", "close")]
    assert [path.removeprefix("/jsm/ops/integration") for path in asked] == ["/v2/alerts", *steps]


def test_row_16_slack(product: Product, providers: Providers) -> None:
    """A message is posted, and edited in place; its button, signed as Slack signs, acknowledges."""
    slack = providers.open("slack (bot)")
    alert = raised(product, slack, "row-16", signing_secret=SECRET)
    (posted,) = [orjson.loads(one.body) for one in slack.wait(1)]
    button = next(one for one in _buttons(posted) if one["action_id"] == "tocsin_acknowledge")
    payload = {
        "type": "block_actions", "user": {"id": "U1", "username": "anna"}, "container": {"message_ts": "1.2"},
        "actions": [{**button, "action_ts": f"{time.time():.6f}"}],
    }  # fmt: skip
    body = urlencode({"payload": orjson.dumps(payload).decode()}).encode()
    stamp = str(int(time.time()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body=body)
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": str(signature)}
    answer(product, "slack", "row-16", body, headers)
    assert acknowledged_by(product, alert) == "anna by Slack"
    slack.wait(3)
    resolve(product, alert)
    calls = slack.wait(5)
    bodies = [orjson.loads(one.body) for one in calls]
    methods = [one.line.split()[1].rpartition("/")[2] for one in calls]
    assert methods == ["chat.postMessage", *["chat.update", "chat.postMessage"] * 2]
    assert {one["ts"] for one in bodies if "ts" in one} == {one["thread_ts"] for one in bodies[2::2]}
    states = [one["text"].partition(":")[0] for one in bodies[::2]]
    assert states == ["FIRING critical", "ACKNOWLEDGED critical", "RESOLVED"]


def _buttons(message: dict[str, Any]) -> list[dict[str, Any]]:
    blocks = [block for block in message["blocks"] if block["type"] == "actions"]
    return [element for block in blocks for element in block["elements"]]


def test_row_13_a_call(product: Product, providers: Providers) -> None:
    """A call reads the alert out; the key that somebody presses acknowledges it, once Twilio has signed that it was."""
    twilio = providers.open("voice")
    token = "t" * 32
    alert = raised(product, twilio, "row-13-call", auth_token=token)
    (form,) = [parse_qs(one.body.decode()) for one in twilio.wait(1)]
    assert "row 13 call" in form["Twiml"][0]
    action = re.search(r'action="([^"]+)"', form["Twiml"][0])
    assert action
    url, pressed = unescape(action[1]), {"CallSid": "CA1", "Digits": "1"}
    assert httpx.post(url, data=pressed, trust_env=False).status_code == 401
    content = url + "".join(f"{name}{value}" for name, value in sorted(pressed.items()))
    mac = base64.b64encode(hmac.new(token.encode(), content.encode(), hashlib.sha1).digest()).decode()
    said = httpx.post(url, data=pressed, headers={"X-Twilio-Signature": mac}, trust_env=False)
    assert (said.status_code, "Acknowledged" in said.text) == (200, True), said.text
    assert acknowledged_by(product, alert) == "place by phone"


def test_row_13_a_push_message(product: Product, providers: Providers) -> None:
    """What is critical sounds in Pushover; whoever acknowledges it there has it, though nothing there can reach us."""
    pushover = providers.open("pushover")
    alert = raised(product, pushover, "row-13-push")
    (form,) = [parse_qs(one.body.decode()) for one in pushover.wait(1)]
    assert form["priority"] == ["2"]
    taken = {
        "status": 1,
        "acknowledged": 1,
        "acknowledged_by_device": "iphone",
        "acknowledged_at": int(time.time()),
    }
    pushover.place.answer(responding("200 OK", body=orjson.dumps(taken).decode()))
    assert acknowledged_by(product, alert) == "iphone by Pushover"
    lines = until(
        lambda: found if len(found := [one.line for one in pushover.place.messages()]) >= 3 else None
    )
    assert any("/cancel_by_tag/" in line for line in lines)
