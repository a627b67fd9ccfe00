"""From a service's own alert to PagerDuty, Opsgenie and Slack, and back: with the real machines between."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx
import orjson
import pytest
from msgspec import structs
from slack_sdk.signature import SignatureVerifier

from api.instant import spell
from sinks.channels.acknowledge_link import acknowledge_link
from sinks.channels.email.payload import mail
from sinks.channels.opsgenie.payload import step
from sinks.channels.pagerduty.payload import event
from sinks.channels.slack.channel import content_of
from sinks.channels.words import message_of
from streams.channels.email import EmailEndpoint, addresses
from streams.channels.opsgenie import OpsgenieEndpoint
from streams.channels.slack import SlackEndpoint
from streams.channels.way_back.acknowledge_link import Links
from streams.messages.attempt import Attempt
from tests.api.conftest import History
from tests.api.harness import created
from tests.api.whole import Whole, client_of

SECRET = "geheim-geheim-geheim"
ALERT = {"source": "backup", "title": "Backup failed", "severity": "critical", "dedup_key": "nightly"}
KEY = "R0123456789abcdef0123456789abcde"


class Stage(NamedTuple):
    """The machines, an administrator, and a provider that has no token."""

    whole: Whole
    admin: httpx.AsyncClient
    provider: httpx.AsyncClient

    async def tell(self, channel: str, **fields: Any) -> str:
        """An endpoint of a channel is told of everything critical, and hears of an alert; its id."""
        body = {"name": "pager", "channel": channel, **fields}
        endpoint = await created(self.admin, "endpoints", body)
        await created(self.admin, "routes", {"name": "all", "to": "endpoint/pager"})
        self.whole.pass_time(1_000)
        assert (await self.admin.post("/v1/alerts", json=ALERT)).status_code == 200
        self.whole.pass_time(2_000)
        return str(endpoint["id"])

    @property
    def attempt(self) -> Attempt:
        """What the endpoint was told last."""
        return self.whole.attempts[-1]

    async def alert(self) -> dict[str, Any]:
        """The one alert."""
        page = await self.admin.get("/v1/alerts?status=firing,acknowledged,resolved")
        (alert,) = page.json()["items"]
        return dict(alert)


@pytest.fixture
async def stage(dependencies: Any, history: History) -> AsyncIterator[Stage]:
    """All of it."""
    whole = Whole(history)
    async with client_of(whole, dependencies) as admin, client_of(whole, dependencies, False) as provider:
        whole.pass_time(2_000)
        yield Stage(whole, admin, provider)


async def test_pagerduty(stage: Stage) -> None:
    """The key of the incident brings the answer to the alert: who has it, then that it is over; told to the others."""
    id = await stage.tell("pagerduty", routing_key=KEY, webhook_secret=SECRET)
    key = orjson.loads(event(stage.attempt, KEY))["dedup_key"]

    at = spell(stage.whole.world.now)

    async def say(kind: str, event_id: str) -> None:
        agent = {"type": "user_reference", "summary": "Anna"}
        about: dict[str, Any] = {
            "id": event_id,
            "event_type": kind,
            "agent": agent,
            "data": {"incident_key": key},
        }
        about |= {"occurred_at": at}
        body = orjson.dumps({"event": about})
        mac = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-PagerDuty-Signature": f"v1={mac}"}
        answer = await stage.provider.post(f"/v1/inbound/pagerduty/{id}", content=body, headers=headers)
        assert answer.status_code == 200, answer.text

    await say("incident.acknowledged", "e1")
    alert = await stage.alert()
    assert (alert["status"], alert["acknowledged_by"]) == ("acknowledged", "Anna by PagerDuty")
    await say("incident.resolved", "e2")
    alert = await stage.alert()
    assert (alert["status"], alert["resolved_by"]) == ("resolved", "Anna by PagerDuty")
    stage.whole.pass_time(3_600_000)
    assert (await stage.admin.post("/v1/alerts", json=ALERT)).json()["reason"] == "raised"
    for kind, event_id in (("incident.acknowledged", "e1"), ("incident.resolved", "e2")):
        await say(kind, event_id)  # sent again, days later: the alert of today has nothing to do with it
    (open_,) = (await stage.admin.get("/v1/alerts")).json()["items"]
    assert open_["status"] == "firing"


async def test_opsgenie(stage: Stage) -> None:
    """Its alias is the same key."""
    id = await stage.tell("opsgenie", api_key="k" * 36, service="jsm", webhook_secret=SECRET)
    endpoint = OpsgenieEndpoint(name="pager", channel="opsgenie", api_key="k" * 36, service="jsm")
    alias = step(stage.attempt, endpoint).body["alias"]
    alert = {
        "alertId": "1",
        "alias": alias,
        "username": "anna@example.com",
        "updatedAt": stage.whole.world.now * 10**6,
    }
    body = {"action": "Acknowledge", "source": {"type": "web"}, "alert": alert}
    headers = {"X-Tocsin-Secret": SECRET}
    answer = await stage.provider.post(f"/v1/inbound/opsgenie/{id}", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert (await stage.alert())["acknowledged_by"] == "anna@example.com by Opsgenie"


async def test_slack(stage: Stage) -> None:
    """The button that was sent, pressed and signed by Slack's own library, acknowledges."""
    fields = {"token": "xoxb-1-2", "conversation": "#alerts", "signing_secret": SECRET}
    id = await stage.tell("slack", **fields)
    endpoint = SlackEndpoint(name="pager", channel="slack", **fields)
    blocks = content_of(stage.attempt, endpoint, message_of(stage.attempt))["blocks"]
    button = blocks[-1]["elements"][0]
    action = {name: button[name] for name in ("action_id", "value")} | {
        "action_ts": f"{stage.whole.world.now / 1_000}"
    }
    payload = {
        "type": "block_actions",
        "user": {"id": "U1", "username": "anna"},
        "container": {"message_ts": "1.2"},
        "actions": [action],
    }
    content = urlencode({"payload": orjson.dumps(payload).decode()}).encode()
    stamp = str(stage.whole.world.now // 1_000)
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body=content) or ""
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}
    answer = await stage.provider.post(f"/v1/inbound/slack/{id}", content=content, headers=headers)
    assert (answer.status_code, answer.content) == (200, b"")
    assert (await stage.alert())["acknowledged_by"] == "anna by Slack"


async def test_the_test_button(stage: Stage) -> None:
    """A test goes the whole way and brings the receiver's words, without an alert."""
    endpoint = await created(stage.admin, "endpoints", {"name": "h", "url": "https://hooks.example/x"})
    stage.whole.pass_time(1_000)
    answer = await stage.admin.post(f"/v1/endpoints/{endpoint['id']}/test")
    assert answer.json()["result"] == "delivered", answer.text
    assert "taken by the receiver" in answer.json()["reason"]
    assert stage.attempt.notification.what == "test"
    assert (await stage.admin.get("/v1/alerts?status=firing,resolved")).json()["items"] == []


LINKS = Links("https://tocsin.example.com", ["geheim"])


@pytest.fixture
def dependencies(dependencies: Any) -> Any:
    """The API with an address for links."""
    return replace(dependencies, links=LINKS)


async def test_the_link_of_a_mail(stage: Stage) -> None:
    """A look changes nothing, as often as programs look; the button acknowledges, once."""
    fields = {"to": "ops@example.com", "sender": "tocsin@example.com", "server": "smtp.example.com"}
    await stage.tell("email", **fields)
    endpoint = EmailEndpoint(name="pager", channel="email", **fields)
    link = acknowledge_link(stage.attempt, LINKS)
    content = mail(stage.attempt, endpoint, addresses("ops@example.com"), link)
    parts = [part.get_content() for part in content.iter_parts()]
    assert [link in part for part in parts] == [True, True]
    path = link.removeprefix("https://tocsin.example.com")
    for _ in range(3):
        shown = await stage.provider.get(path)
        assert (shown.status_code, "Backup failed" in shown.text, "<form" in shown.text) == (200, True, True)
        assert "form-action 'self'" in shown.headers["content-security-policy"]
    assert (await stage.alert())["status"] == "firing"
    done = await stage.provider.post(path)
    assert (done.status_code, "Acknowledged" in done.text) == (200, True), done.text
    alert = await stage.alert()
    assert (alert["status"], alert["acknowledged_by"]) == ("acknowledged", "somebody by link (pager)")
    for answer in (await stage.provider.post(path), await stage.provider.get(path)):
        assert ("Somebody has it already" in answer.text, "<form" in answer.text) == (True, False)


async def test_a_link_ends(stage: Stage) -> None:
    """After a day, and where it is none of ours: a page says so, and nothing happens."""
    await stage.tell("email", to="ops@example.com", sender="t@example.com", server="smtp.example.com")
    link = acknowledge_link(stage.attempt, LINKS).removeprefix("https://tocsin.example.com")
    stage.whole.pass_time(86_400_000)
    for path in (link, "/a/geheim", "/a/x.y", f"{link}x"):
        for answer in (await stage.provider.get(path), await stage.provider.post(path)):
            assert (answer.status_code, "This link has ended" in answer.text) == (404, True)
    assert (await stage.alert())["acknowledged_by"] is None


async def test_what_alerts_say_is_text(stage: Stage) -> None:
    """Nothing of an alert is live on the page."""
    await stage.tell("email", to="ops@example.com", sender="t@example.com", server="smtp.example.com")
    body = ALERT | {"title": "<script>alert(1)</script>"}
    await stage.admin.post("/v1/alerts", json=body)
    link = acknowledge_link(stage.attempt, LINKS).removeprefix("https://tocsin.example.com")
    assert "<script>" not in (await stage.provider.get(link)).text


@pytest.mark.parametrize("what", ["resolved", "acknowledged", "summary", "test"])
async def test_no_link_where_nothing_is_to_do(stage: Stage, what: Any) -> None:
    """Nor in mails about what is over."""
    await stage.tell("email", to="ops@example.com", sender="t@example.com", server="smtp.example.com")
    other = structs.replace(
        stage.attempt, notification=structs.replace(stage.attempt.notification, what=what)
    )
    assert acknowledge_link(other, LINKS) == ""
