"""Where canaries are received, and how a sink brings them there."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from sinks.canary import word
from sinks.canary.landing import CanaryLanding, landing_address
from sinks.canary.receiver import LARGEST, CanaryReceiver, receiving
from sinks.outcome import Answer, Delivered, Rejected
from streams.canary.names import recipient
from streams.canary.receivers import canary_receivers
from streams.errors import Misconfigured
from streams.messages.attempt import Attempt
from streams.settings import Settings
from tests.patience import PATIENCE
from tests.sinks.harness import closing, resources

NAME = "tocsin-canary-3"
landed: list[str] = []


def told(to: str = "endpoint/t/hook") -> Attempt:
    """A call that tells a recipient of canary c1."""
    (endpoint,) = canary_receivers(Settings(canary_webhook="https://x.example"))
    known = word.attempt(endpoint, "id", "c1", 0, 0, over=False)
    return replace(known, notification=replace(known.notification, to=to))


@pytest.fixture
def receiver() -> Iterator[CanaryReceiver]:
    """One that listens."""
    landed.clear()
    with receiving(("127.0.0.1", 0), landed.append, lambda: {"told": False}) as server:
        yield server


def ask(receiver: CanaryReceiver, body: bytes, method: str = "POST") -> tuple[int, bytes]:
    """What it answers to one request."""
    connection = http.client.HTTPConnection("127.0.0.1", receiver.server_port, timeout=PATIENCE)
    connection.request(method, "/", body)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def test_what_fires_lands(receiver: CanaryReceiver) -> None:
    """That it is over is no news; anything else is refused."""
    assert ask(receiver, b'{"canary": "a", "what": "firing"}')[0] == 204
    assert ask(receiver, b'{"canary": "b", "what": "resolved"}')[0] == 204
    assert landed == ["a"]
    for wrong in (b"", b"[]", b"{}", b'"x"', b"\xff"):
        assert ask(receiver, wrong)[0] == 400
    assert ask(receiver, b"x" * (LARGEST + 1))[0] == 413
    assert ask(receiver, b"", "GET") == (200, b'{"told":false}')
    assert landed == ["a"]


def test_an_address_that_is_taken_is_told(receiver: CanaryReceiver) -> None:
    """By the setting that names it."""
    with (
        pytest.raises(Misconfigured, match="TOCSIN_CANARY_LISTEN"),
        receiving(("127.0.0.1", receiver.server_port), landed.append, dict),
    ):
        pass


class Others:
    """The channel of people's endpoints."""

    def __init__(self) -> None:
        self.got: list[str] = []

    async def send(self, attempt: Attempt) -> Answer:
        """Keep whom it is for."""
        self.got.append(attempt.notification.to)
        return Rejected("so")


async def test_a_sink_lets_canaries_land(receiver: CanaryReceiver) -> None:
    """And whatever is for people goes its way."""
    others = Others()
    async with closing(resources(allow_private=False)) as shared:
        url = landing_address(Settings(canary_listen=("127.0.0.1", receiver.server_port)))
        channel = CanaryLanding(others, shared.http, url)
        answer = await channel.send(told(recipient(NAME, "webhook")))
        assert isinstance(answer, Delivered)
        assert isinstance(await channel.send(told()), Rejected)
    await asyncio.sleep(0)
    assert landed == ["c1"]
    assert others.got == ["endpoint/t/hook"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (Settings(canary_webhook="ftp://x"), "^TOCSIN_CANARY_WEBHOOK_URL: `url`"),
        (Settings(webhook_url="ftp://x"), "^MCPGATEWAY_ALERT_WEBHOOK_URL: `url`"),
        (Settings(canary_email_to="a@x.example"), "^TOCSIN_CANARY_EMAIL_TO: mail needs"),
        (Settings(email_enabled=True, email_to="a@x.example"), "^TOCSIN_EMAIL_TO: mail needs"),
    ],
)
def test_the_setting_that_is_wrong_is_named(settings: Settings, words: str) -> None:
    """That of the canaries, or that of the alerts which stands in for it."""
    with pytest.raises(Misconfigured, match=words):
        canary_receivers(settings)
