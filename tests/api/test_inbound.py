"""The way back: whoever was told of a group at a provider acknowledges and resolves it there."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

import httpx
import orjson
import pytest
from slack_sdk.signature import Clock, SignatureVerifier

from sources.intake.answers import instant
from streams.channels.way_back.group_key import group_key
from streams.messages.command import Acknowledge, Resolve
from tests.api.conftest import NOW, Client
from tests.api.harness import created

SECRET = "geheim-geheim-geheim"
ENDPOINTS: dict[str, dict[str, Any]] = {
    "pagerduty": {"routing_key": "R0123456789abcdef0123456789abcde", "webhook_secret": SECRET},
    "opsgenie": {"api_key": "k" * 36, "service": "jsm", "webhook_secret": SECRET},
    "slack": {"token": "xoxb-1-2", "conversation": "#alerts", "signing_secret": SECRET},
}
GROUP = "payments/g1"


class SlackClock(Clock):
    """The clock of Slack's own signer, at the tests' now."""

    def now(self) -> float:
        """Seconds UTC."""
        return NOW / 1_000


def key_of(provider: str) -> str:
    """What the provider calls the group."""
    return group_key("payments", GROUP, f"endpoint/payments/{provider}")


def pagerduty(do: str, key: str, event: str = "e1", agent: Any = "Anna") -> tuple[bytes, dict[str, str]]:
    """A webhook as PagerDuty documents it, signed as it signs."""
    kind = {"acknowledge": "incident.acknowledged", "resolve": "incident.resolved"}.get(do, do)
    who = {"type": "user_reference", "summary": agent} if isinstance(agent, str) else agent
    data = {"id": "PGR0VU2", "type": "incident", "status": "acknowledged", "incident_key": key}
    at = "2025-11-24T16:00:00Z"
    body = orjson.dumps(
        {"event": {"id": event, "event_type": kind, "occurred_at": at, "agent": who, "data": data}}
    )
    mac = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return body, {"X-PagerDuty-Signature": f"v1={'0' * 64}, v1={mac}"}


def opsgenie(do: str, key: str, event: Any = 0, source: str = "web") -> tuple[bytes, dict[str, str]]:
    """A webhook as Opsgenie documents it, with the header that it is told to send."""
    action = {"acknowledge": "Acknowledge", "resolve": "Close"}.get(do, do)
    alert = {
        "alertId": "052652ac",
        "alias": key,
        "username": "anna@example.com",
        "updatedAt": NOW + (event == "again"),
    }
    body = {"action": action, "alert": alert, "source": {"name": "", "type": source}}
    return orjson.dumps(body), {"X-Tocsin-Secret": SECRET}


def slack(do: str, key: str, event: str = "") -> tuple[bytes, dict[str, str]]:
    """A pressed button as Slack sends it, signed by Slack's own library."""
    action = {
        "action_id": f"tocsin_{do}",
        "value": key,
        "action_ts": f"{NOW // 1_000}.{len(event)}",
        "type": "button",
    }
    payload = {
        "type": "block_actions",
        "user": {"id": "U1", "username": "anna"},
        "container": {"message_ts": "1.2"},
        "actions": [action],
    }
    body = urlencode({"payload": orjson.dumps(payload).decode()}).encode()
    stamp = str(NOW // 1_000)
    signature = SignatureVerifier(SECRET, SlackClock()).generate_signature(timestamp=stamp, body=body)
    return body, {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature or ""}


SAYS: dict[str, Callable[..., tuple[bytes, dict[str, str]]]] = {
    "pagerduty": pagerduty,
    "opsgenie": opsgenie,
    "slack": slack,
}
NAMES = {
    "pagerduty": "Anna by PagerDuty",
    "opsgenie": "anna@example.com by Opsgenie",
    "slack": "anna by Slack",
}
Said = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture(params=list(ENDPOINTS))
def provider(request: Any) -> str:
    """Each provider in turn."""
    return str(request.param)


@pytest.fixture
async def say(client: Client, member: httpx.AsyncClient, history: Any, respond: Any, provider: str) -> Said:
    """Two alerts of a group that fire, and one of another; the provider says something without any token."""
    for id in ("a1", "a2"):
        history.alert(id, groups=(GROUP,))
    history.alert("other", groups=("payments/g2",))
    body = {"name": provider, "team": "payments", "channel": provider, **ENDPOINTS[provider]}
    endpoint = await created(member, "endpoints", body)
    respond.sent.clear()

    async def said(content: bytes, headers: dict[str, str], to: str = "", name: str = "") -> httpx.Response:
        path = f"/v1/inbound/{name or provider}/{to or endpoint['id']}"
        kind = "application/x-www-form-urlencoded" if provider == "slack" else "application/json"
        return await client(None).post(path, content=content, headers={"Content-Type": kind} | headers)

    return said


async def status(member: httpx.AsyncClient, id: str) -> str:
    """How an alert stands."""
    return str((await member.get(f"/v1/alerts/{id}")).json()["status"])


async def test_acknowledged_there(say: Said, provider: str, respond: Any, member: httpx.AsyncClient) -> None:
    """One command for the whole group, with who it was and where; a repeat and a second click ask for nothing."""
    sent = SAYS[provider]("acknowledge", key_of(provider))
    answer = await say(*sent)
    assert answer.status_code == 200, answer.text
    (command,) = respond.sent
    assert isinstance(command.action, Acknowledge)
    assert (command.by.name, command.by.admin, command.by.teams) == (NAMES[provider], False, ("payments",))
    assert command.action.alert_id in ("a1", "a2")
    assert await status(member, command.action.alert_id) == "acknowledged"
    assert (await say(*sent)).status_code == 200
    ids = {command.id for command in respond.sent}
    assert len(ids) == 1


async def test_resolved_there(say: Said, provider: str, respond: Any, member: httpx.AsyncClient) -> None:
    """Every open alert of the group is resolved, and no other."""
    assert (await say(*SAYS[provider]("resolve", key_of(provider)))).status_code == 200
    assert {type(command.action) for command in respond.sent} == {Resolve}
    assert [await status(member, id) for id in ("a1", "a2", "other")] == ["resolved", "resolved", "firing"]
    respond.sent.clear()
    assert (await say(*SAYS[provider]("resolve", key_of(provider), "again"))).status_code == 200
    assert respond.sent == []


async def test_not_understood(say: Said, provider: str, respond: Any) -> None:
    """What concerns no group of ours, or says nothing that we know, is taken and ignored."""
    key = key_of(provider)
    for do, named in (("priority", key), ("acknowledge", "0" * 32), ("acknowledge", "their own"), ("", "")):
        assert (await say(*SAYS[provider](do, named))).status_code == 200
    assert respond.sent == []


async def test_unproved(say: Said, provider: str, respond: Any, member: httpx.AsyncClient) -> None:
    """Without the secret, or for another endpoint, 401 and nothing happens; the answer does not say which it was."""
    content, headers = SAYS[provider]("acknowledge", key_of(provider))
    hook = await created(member, "endpoints", {"name": "h", "team": "payments", "url": "https://h.example"})
    respond.sent.clear()
    wrong = {name: f"{text[:-1]}{'0' if text[-1] != '0' else '1'}" for name, text in headers.items()}
    answers = [
        await say(content, {}),
        await say(content, wrong),
        await say(content, headers, to="nothing"),
        await say(content, headers, to=hook["id"]),
        await say(content, headers, name="pigeon"),
    ]
    if provider != "opsgenie":  # which signs nothing
        answers.append(await say(content + b" ", headers))
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert SECRET not in answers[0].text
    assert respond.sent == []


async def test_no_secret(client: Client, member: httpx.AsyncClient, respond: Any, provider: str) -> None:
    """An endpoint without a secret believes nobody, whatever they sign with."""
    secret = "signing_secret" if provider == "slack" else "webhook_secret"
    bare = {name: value for name, value in ENDPOINTS[provider].items() if name != secret}
    body = {"name": provider, "team": "payments", "channel": provider, **bare}
    endpoint = await created(member, "endpoints", body)
    content, headers = SAYS[provider]("acknowledge", key_of(provider))
    empty = hmac.new(b"", content, hashlib.sha256).hexdigest()
    for more in ({}, {"X-Tocsin-Secret": ""}, {"X-PagerDuty-Signature": f"v1={empty}"}):
        path = f"/v1/inbound/{provider}/{endpoint['id']}"
        assert (await client(None).post(path, content=content, headers=headers | more)).status_code == 401
    weak = body | {"name": "weak", secret: "short"}
    answer = await member.post("/v1/endpoints", json=weak)
    assert (answer.status_code, f"`{secret}`" in answer.text) == (422, True)


async def test_masked(say: Said, provider: str, member: httpx.AsyncClient, respond: Any) -> None:
    """The secret is sealed and masked as every other."""
    answer = await member.get("/v1/endpoints")
    assert SECRET not in answer.text


async def test_a_rotated_secret(
    say: Said, provider: str, member: httpx.AsyncClient, respond: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is signed with the secret before is believed no longer, and what is signed with the new one is."""
    (endpoint,) = (await member.get("/v1/endpoints")).json()["items"]
    secret = "signing_secret" if provider == "slack" else "webhook_secret"
    body = {"name": provider, "team": "payments", "channel": provider, **ENDPOINTS[provider]}
    path = f"/v1/endpoints/{endpoint['id']}"
    answer = await member.put(path, json=body | {"revision": 1, secret: "another-another-another"})
    assert answer.status_code == 200, answer.text
    respond.sent.clear()
    assert (await say(*SAYS[provider]("acknowledge", key_of(provider)))).status_code == 401
    assert respond.sent == []
    monkeypatch.setattr("tests.api.test_inbound.SECRET", "another-another-another")
    assert (await say(*SAYS[provider]("acknowledge", key_of(provider)))).status_code == 200
    assert len(respond.sent) == 1


async def test_oversize(say: Said, provider: str, respond: Any) -> None:
    """More than any provider sends is refused before anything is read of it."""
    _, headers = SAYS[provider]("acknowledge", key_of(provider))
    assert (await say(b"x" * 9_000_000, headers)).status_code == 413
    assert respond.sent == []


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/octet-stream", "multipart/form-data; boundary=x"]
)
async def test_whatever_it_is_called(say: Said, provider: str, respond: Any, kind: str) -> None:
    """The bytes are proved, not their name: what a proxy has renamed is obeyed all the same."""
    content, headers = SAYS[provider]("acknowledge", key_of(provider))
    assert (await say(content, headers | {"Content-Type": kind})).status_code == 200
    assert len(respond.sent) == 1


async def test_out_of_order(say: Said, provider: str, respond: Any, member: httpx.AsyncClient) -> None:
    """An acknowledgement that comes after its end reopens nothing."""
    assert (await say(*SAYS[provider]("resolve", key_of(provider)))).status_code == 200
    respond.sent.clear()
    assert (await say(*SAYS[provider]("acknowledge", key_of(provider), "late"))).status_code == 200
    assert respond.sent == []
    assert await status(member, "a1") == "resolved"


@pytest.mark.parametrize("provider", ["slack"], indirect=True)
async def test_old(say: Said, respond: Any) -> None:
    """A request that Slack signed more than five minutes ago may have been recorded."""
    content, _ = slack("acknowledge", key_of("slack"))
    stamp = str(NOW // 1_000 - 301)
    signed = SignatureVerifier(SECRET, SlackClock()).generate_signature(timestamp=stamp, body=content) or ""
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signed}
    assert (await say(content, headers)).status_code == 401
    assert respond.sent == []


@pytest.mark.parametrize("provider", ["pagerduty"], indirect=True)
@pytest.mark.parametrize("agent", [None, {"type": "inbound_integration_reference", "summary": "Tocsin"}])
async def test_our_own_echo(say: Said, respond: Any, agent: Any) -> None:
    """What we did ourselves, or an automation did, comes back and is ignored."""
    assert (await say(*pagerduty("acknowledge", key_of("pagerduty"), agent=agent))).status_code == 200
    assert respond.sent == []


@pytest.mark.parametrize("provider", ["opsgenie"], indirect=True)
async def test_the_echo_of_opsgenie(say: Said, respond: Any) -> None:
    """Likewise what came by its API."""
    assert (await say(*opsgenie("resolve", key_of("opsgenie"), source="API"))).status_code == 200
    assert respond.sent == []


async def test_no_json(say: Said, provider: str, client: Client) -> None:
    """What is signed and no JSON is refused; a token in the query is refused as everywhere."""
    for content in (b"[]", b"text", b"payload=%7B"):
        mac = hmac.new(SECRET.encode(), content, hashlib.sha256).hexdigest()
        stamp = str(NOW // 1_000)
        slacks = SignatureVerifier(SECRET, SlackClock()).generate_signature(timestamp=stamp, body=content)
        headers = {"X-PagerDuty-Signature": f"v1={mac}", "X-Tocsin-Secret": SECRET}
        headers |= {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": slacks or ""}
        assert (await say(content, headers)).status_code == 422
    assert (await client(None).post("/v1/inbound/slack/x?token=geheim")).status_code == 400


@pytest.mark.parametrize(
    ("given", "at"),
    [
        ("2025-11-24T16:00:00Z", NOW),
        ("1764000000.000", NOW),
        (NOW, NOW),
        (NOW * 10**6, NOW),
        ("2025-11-24T16:00:00", None),
        ("soon", None),
        (None, None),
        (-1, None),
        (float("nan"), None),
        ({}, None),
    ],
)
def test_instants(given: Any, at: int | None) -> None:
    """However a provider writes them; what is none is none."""
    assert instant(given) == at


async def test_what_fired_later_was_not_meant(
    say: Said, provider: str, respond: Any, history: Any, member: httpx.AsyncClient
) -> None:
    """An answer that comes days late, or once more, is of what was open when somebody gave it."""
    history.alert("a1", groups=(GROUP,), triggered_at=NOW + 6_000, version=2)
    history.alert("a2", groups=(GROUP,), triggered_at=NOW + 6_000, version=2)
    for do in ("acknowledge", "resolve"):
        assert (await say(*SAYS[provider](do, key_of(provider)))).status_code == 200
    assert respond.sent == []
