"""Whoever was told of several groups in one message answers for all of them: by button, link, reply and key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx
import orjson
import pytest
from slack_sdk.signature import SignatureVerifier

from api.commands.command_client import CommandDecision
from api.routes.way_back import acknowledge_link
from api.way_back import telephone
from sinks.channels.message import group_key
from sinks.channels.message_link import message_link
from sinks.channels.slack.channel import content_of
from sinks.channels.sms.payload import ask
from sinks.channels.voice.channel import Voice
from sinks.channels.words import message_of
from sources.intake.answers import ProviderAnswer
from streams.channels.slack import SlackEndpoint
from streams.channels.sms import SmsEndpoint
from streams.channels.voice import VoiceEndpoint
from streams.codes import FailureCode, RefusalCode
from streams.links.signed_links import Links
from streams.messages.attempt import Attempt
from tests.api.conftest import History
from tests.api.harness import created
from tests.api.telephones import ACCOUNT, ANNA, PUBLIC, signed
from tests.api.whole import Whole, client_of
from tests.sinks.harness import resources

SECRET = "geheim-geheim-geheim"
LINKS = Links(PUBLIC, ["geheim"])
GROUPS = 4
SLACK = {"token": "xoxb-1-2", "conversation": "#alerts", "signing_secret": SECRET}
MAIL = {"to": "ops@example.com", "sender": "t@example.com", "server": "smtp.example.com"}


class Crowd(NamedTuple):
    """The machines, an administrator, and a provider that has no token; an endpoint that gets one message by itself."""

    whole: Whole
    admin: httpx.AsyncClient
    provider: httpx.AsyncClient

    async def told(self, channel: str, **fields: Any) -> tuple[str, Attempt]:
        """Four groups fire, of which the last three come in one message: the endpoint's id, and the attempt at it."""
        body = {"name": "pager", "channel": channel, "pages": 1, **fields}
        endpoint = await created(self.admin, "endpoints", body)
        await created(self.admin, "routes", {"name": "all", "to": "endpoint/pager"})
        self.whole.pass_time(1_000)
        for n in range(GROUPS):
            alert = {
                "source": f"job-{n}",
                "title": f"job {n} failed",
                "severity": "critical",
                "dedup_key": f"{n}",
            }
            assert (await self.admin.post("/v1/alerts", json=alert)).status_code == 200
        self.whole.pass_time(40_000)
        (attempt,) = [each for each in self.whole.attempts if each.notification.what == "bundle"]
        return str(endpoint["id"]), attempt

    async def resolve(self, message: str) -> None:
        """One alert is over, for everybody."""
        alerts = (await self.admin.get("/v1/alerts?status=firing,acknowledged")).json()["items"]
        (id,) = [alert["id"] for alert in alerts if alert["message"].startswith(message)]
        assert (await self.admin.post(f"/v1/alerts/{id}/resolve")).status_code == 200

    async def statuses(self) -> list[tuple[str, str | None]]:
        """How each alert stands, and who has it, in the order in which they fired."""
        page = await self.admin.get("/v1/alerts?status=firing,acknowledged,resolved")
        alerts = sorted(page.json()["items"], key=lambda alert: alert["message"])
        return [(alert["status"], alert["acknowledged_by"]) for alert in alerts]


@pytest.fixture
def dependencies(dependencies: Any) -> Any:
    """The API as people reach it from outside."""
    return replace(dependencies, links=LINKS, settings=replace(dependencies.settings, public_url=PUBLIC))


@pytest.fixture
async def crowd(dependencies: Any, history: History) -> AsyncIterator[Crowd]:
    """All of it."""
    whole = Whole(history)
    async with client_of(whole, dependencies) as admin, client_of(whole, dependencies, False) as provider:
        whole.pass_time(2_000)
        yield Crowd(whole, admin, provider)


def pressed(crowd: Crowd, attempt: Attempt) -> tuple[bytes, dict[str, str]]:
    """The button of a message, pressed and signed by Slack's own library."""
    endpoint = SlackEndpoint(name="pager", channel="slack", **SLACK)
    (button,) = content_of(attempt, endpoint, message_of(attempt))["blocks"][-1]["elements"]
    action = {name: button[name] for name in ("action_id", "value")}
    payload = {
        "type": "block_actions", "user": {"id": "U1", "username": "anna"}, "container": {"message_ts": "1.2"},
        "actions": [action | {"action_ts": f"{crowd.whole.world.now / 1_000}"}],
    }  # fmt: skip
    content = urlencode({"payload": orjson.dumps(payload).decode()}).encode()
    stamp = str(crowd.whole.world.now // 1_000)
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body=content) or ""
    return content, {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}


async def test_a_button_acknowledges_all_of_the_bundle(crowd: Crowd) -> None:
    """And nothing that was told by itself; pressed again it changes nothing."""
    id, attempt = await crowd.told("slack", **SLACK)
    content, headers = pressed(crowd, attempt)
    for _ in range(2):
        answer = await crowd.provider.post(f"/v1/inbound/slack/{id}", content=content, headers=headers)
        assert (answer.status_code, answer.content) == (200, b"")
        assert await crowd.statuses() == [("firing", None), *[("acknowledged", "anna by Slack")] * 3]


async def test_a_link_acknowledges_what_of_it_still_fires(crowd: Crowd) -> None:
    """The page lists it; who is refused, or has ended meanwhile, is told."""
    _, attempt = await crowd.told("email", **MAIL)
    path = message_link(attempt, LINKS).removeprefix(PUBLIC)
    shown = (await crowd.provider.get(path)).text
    assert [f"job {n} failed" in shown for n in range(GROUPS)] == [False, True, True, True]
    await crowd.resolve("job 3 failed")
    done = await crowd.provider.post(path)
    assert "2 of 2 groups" in done.text, done.text
    who = "somebody by link (pager)"
    assert [status for status, _ in await crowd.statuses()] == [
        "firing",
        "acknowledged",
        "acknowledged",
        "resolved",
    ]
    assert [by for _, by in await crowd.statuses()][1:3] == [who, who]
    assert "Somebody has it already" in (await crowd.provider.get(path)).text


@pytest.mark.parametrize("names", ["the bundle", "nothing", "nothing else that is open"])
async def test_a_reply_acknowledges_all_of_the_bundle(crowd: Crowd, names: str) -> None:
    """By the bundle's code; without one where nothing else that the number was told of is open."""
    fields = {**ACCOUNT, "to": ANNA, "replies": "pushed"}
    id, attempt = await crowd.told("sms", **fields)
    words = ask(attempt, SmsEndpoint(name="pager", channel="sms", **fields)).removeprefix(" Reply ")
    assert words == f"ACK {group_key(attempt)[:6]}"
    if names == "nothing else that is open":
        await crowd.resolve("job 0 failed")
    body = words if names == "the bundle" else "ACK"
    form = {"From": ANNA, "To": ACCOUNT["sender"], "Body": body, "MessageSid": "SM1"}
    path = f"/v1/inbound/sms/{id}"
    content, headers = signed(PUBLIC + path, form)
    answer = await crowd.provider.post(path, content=content, headers=headers)
    statuses = [status for status, _ in await crowd.statuses()]
    if names == "nothing":  # the first was told by itself: nobody can say which is meant
        assert ("4 are open" in answer.text, statuses) == (True, ["firing"] * 4), answer.text
    else:
        assert ("Acknowledged 3 of 3" in answer.text, statuses[1:]) == (True, ["acknowledged"] * 3), (
            answer.text
        )


async def test_a_key_acknowledges_all_of_the_bundle(crowd: Crowd) -> None:
    """The address that the call was given brings the bundle's key back."""
    fields = {**ACCOUNT, "to": ANNA}
    id, attempt = await crowd.told("voice", **fields)
    shared = replace(resources(), links=LINKS)
    action = Voice(shared)._action(attempt, VoiceEndpoint(name="pager", channel="voice", **fields))
    await shared.close()
    assert id in action
    content, headers = signed(action, {"Digits": "1", "CallSid": "CA1"})
    answer = await crowd.provider.post(action.removeprefix(PUBLIC), content=content, headers=headers)
    assert "Acknowledged 3 of 3" in answer.text, answer.text
    assert [status for status, _ in await crowd.statuses()] == ["firing", *["acknowledged"] * 3]


def test_who_is_refused_is_told() -> None:
    """In the reply, in the call and on the page: how many of how many, and why not the rest."""
    taken = CommandDecision("1", "accepted", "it is yours")
    other = CommandDecision("2", "refused", "it is over <b>", code=RefusalCode.ALREADY_RESOLVED)
    said = ProviderAnswer("acknowledge", "k", "anna by SMS", "1", None)
    words = telephone.outcome(said, [taken, other, other], "job 1 failed")
    assert words == "Acknowledged 1 of 3: job 1 failed. Not done: it is over <b> (and 1 more)"
    assert telephone.outcome(said, [other], "") == "Not done: it is over <b>"
    page = bytes(acknowledge_link.outcome([taken, other]).body).decode()
    assert ("1 of 2 groups" in page, "1 not:" in page, "it is over &lt;b&gt;" in page) == (True, True, True)
    assert acknowledge_link.outcome([other]).status_code == 409
    failed = other._replace(code=FailureCode.FAILED)
    assert acknowledge_link.outcome([failed]).status_code == 409
