"""While something is open at a provider its endpoint is edited, its secrets are rotated, or it is deleted."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

import orjson
import pytest
from cryptography.fernet import Fernet
from standardwebhooks import Webhook as Independent

from api.documents.seal import Sealer
from sinks.channel import Channel
from sinks.outcome import report
from streams.channels.registry import CHANNELS
from streams.codes import NotifyReason
from streams.documents.document import Owned
from streams.documents.registry import read
from streams.messages.alert import AlertExcerpt, AlertStatus
from streams.messages.attempt import Attempt
from streams.messages.notification import Notification
from streams.topics import NOTIFY
from tables.world import Answer, World
from tests.sinks.channels.case import Case, Place
from tests.sinks.channels.cases import CASES
from tests.sinks.channels.email.server import Mail
from tests.sinks.channels.webhook.case import SECRET
from tests.sinks.harness import closing, resources
from tests.sinks.receiver import Request

START, LATER, KEY = 1_764_000_000_000, 3_000, Fernet.generate_key().decode()
TEAM = "payments"


@dataclass
class Incident:
    """An endpoint in the World, in front of the real channel and its real receiver."""

    case: Case
    place: Place
    channel: Channel
    loop: asyncio.AbstractEventLoop
    revision: int = 1
    world: World = field(init=False)

    def __post_init__(self) -> None:
        self.name = str(self.place.endpoint()["name"])
        self.world = World([self._sealed(self.place.endpoint())], START, self._receive)
        self.world.advance(START + LATER)

    def _sealed(self, body: Mapping[str, Any]) -> Owned:
        document = read("endpoint", {**body, "team": TEAM})
        return read("endpoint", Sealer([KEY]).sealed("endpoint", document.body(), None))

    def _receive(self, attempt: Attempt) -> Answer:
        """What the real channel makes of an attempt."""
        sending = asyncio.run_coroutine_threadsafe(self.channel.send(attempt), self.loop)
        outcome = report(attempt, sending.result(30), 0)
        return Answer(outcome.result, outcome.reason, reference=outcome.reference)

    async def say(self, what: Any) -> list[Any]:
        """What the receiver hears when its group fires, or is over."""
        known, before = len(self.place.messages()), len(self.world.timeline)
        status = AlertStatus.RESOLVED if what == "resolved" else AlertStatus.FIRING
        alert = AlertExcerpt(
            alert_id="a1", status=status, severity="critical", message="m", labels={}, since=START
        )
        notification = Notification(
            id=what, at=self.world.now, to=f"endpoint/{TEAM}/{self.name}", team=TEAM, group=f"{TEAM}/g", what=what,
            severity="critical", title="tool-errors", reason_code=NotifyReason.FIRST_ALERT, reason="r", step=0, count=1,
            alerts=(alert,), deadline=self.world.now + 600_000,
        )  # fmt: skip
        self.world.tell(self.world.now, NOTIFY, notification.to, notification)
        await asyncio.to_thread(self.world.advance, self.world.now + LATER)
        lines = [line for line in self.world.timeline[before:] if line["subject"] == "notification"]
        self.codes = [line["reason_code"] for line in lines]
        return self.place.messages()[known:]

    def put(self, body: Mapping[str, Any] | None) -> None:
        """The endpoint from now on; None: it is deleted."""
        self.revision += 1
        document = None if body is None else self._sealed(body).body()
        self.world.configure(TEAM, "endpoint", self.name, self.revision, document)
        self.world.advance(self.world.now + LATER)


@pytest.fixture(params=list(CASES))
async def incident(request: Any) -> AsyncIterator[Incident]:
    """Each channel, with an endpoint whose secrets are sealed."""
    case = CASES[request.param]
    async with case.place() as place, closing(resources([KEY])) as shared:
        yield Incident(case, place, place.channel(shared), asyncio.get_running_loop())


def rotated(text: str, secrets: tuple[str, ...]) -> str:
    """A field with another secret in the place of each that it holds."""
    for secret in sorted(secrets, key=len, reverse=True):
        if secret in text:
            return text.replace(secret, another(secret))
    return text


def another(secret: str) -> str:
    """A secret of the same shape."""
    last = str((int(secret[-1]) + 1) % 10) if secret[-1].isdigit() else "a" if secret[-1] != "a" else "b"
    return secret[:-1] + last


def wire(message: Any) -> str:
    """All that a receiver got of a message, in the clear."""
    if isinstance(message, Mail):
        return f"{message.recipients} {message.raw.decode()}"
    if not isinstance(message, Request):
        return str(message)
    login = message.headers.get("authorization", "").removeprefix("Basic ")
    try:
        opened = base64.b64decode(login, validate=True).decode()
    except ValueError:
        opened = ""
    raw = f"{message.line} {' '.join(message.headers.values())} {message.body.decode()}"
    return f"{raw} {unquote_plus(raw)} {opened}"


async def test_rotated_secrets(incident: Incident) -> None:
    """What comes after goes with the new secret; only PagerDuty knows an incident by the key that opened it."""
    secrets, place = incident.case.secrets, incident.place
    before = await incident.say("firing")
    body = place.endpoint()
    renewed = {
        name: rotated(value, secrets) if isinstance(value, str) else value for name, value in body.items()
    }
    assert (renewed != body) == bool(secrets)
    incident.put(renewed)
    after = await incident.say("resolved")
    assert before
    assert after
    assert incident.codes[-1] in ("delivered", "accepted")
    for secret in secrets:
        if not any(secret in wire(message) for message in before):
            continue  # it signs, or a program of ours reads it
        old = body["channel"] == "pagerduty"
        goes, gone = (secret, another(secret)) if old else (another(secret), secret)
        assert all(gone not in wire(message) for message in after)
        assert any(goes in wire(message) for message in after)
    if body["channel"] == "webhook":
        Independent(another(SECRET)).verify(after[-1].body, after[-1].headers)


async def test_a_deleted_endpoint(incident: Incident) -> None:
    """Where an incident would stay open, its end is still told; nobody else hears more, and nobody of anything new."""
    assert await incident.say("firing")
    channel = incident.place.endpoint()["channel"]
    incident.put(None)
    assert await incident.say("escalated") == []
    assert incident.codes == ["endpoint_gone"]
    over = await incident.say("resolved")
    assert bool(over) == CHANNELS[channel].shows_acknowledgements
    for message in over:
        incident.case.oracle(message)


ENDS: dict[str, Callable[[Any], bool]] = {
    "pagerduty": lambda request: orjson.loads(request.body)["event_action"] == "resolve",
    "opsgenie": lambda request: "/close?" in request.line,
    "slack (bot)": lambda request: "/chat.update" in request.line,
    "pushover": lambda request: "/cancel_by_tag/" in request.line,
}


@pytest.mark.parametrize("incident", list(ENDS), indirect=True)
@pytest.mark.parametrize("change", ["renamed", "deleted"])
async def test_it_is_ended_where_it_was_opened(incident: Incident, change: str) -> None:
    """By the same key, thread or tag, whatever has become of the endpoint's document."""
    await incident.say("firing")
    incident.put(None if change == "deleted" else incident.place.endpoint() | {"pages_within": "10m"})
    over = await incident.say("resolved")
    name = next(name for name, case in CASES.items() if case is incident.case)
    assert any(ENDS[name](request) for request in over)
