"""Where nothing can reach us, providers are asked: whether somebody acknowledged in Pushover, and what was replied."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest
from structlog.testing import capture_logs

from api.dependencies import Dependencies
from api.way_back.ask_providers import REPLIES, ProviderRound, ask_providers
from streams.messages.change import Change, DeliverySnapshot
from streams.messages.command import Acknowledge
from tests.api.conftest import NOW, History
from tests.api.harness import created

RECEIPT, TOKEN, USER = "rLqVuqTRh62UzxtmqiaLzQmVcPgiCy", "a" * 30, "u" * 30
TO = "endpoint/payments/push"
NUMBER = "+491701234567"
OPEN = {"status": 1, "acknowledged": 0, "expired": 0}
TAKEN = {
    "status": 1,
    "acknowledged": 1,
    "acknowledged_at": NOW // 1_000,
    "acknowledged_by_device": "annas-iphone",
}


class Provider:
    """A provider that answers what it is told to, and keeps what it was asked."""

    def __init__(self) -> None:
        """Nothing has been acknowledged."""
        self.says: Any = OPEN
        self.status, self.fails = 200, "nothing"
        self.asked: list[httpx.Request] = []

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """Keep the request, and answer it."""
        self.asked.append(request)
        if isinstance(self.says, Exception):
            raise self.says
        content = self.says if isinstance(self.says, bytes) else orjson.dumps(self.says)
        if request.url.path.endswith(self.fails):
            return httpx.Response(503)
        return httpx.Response(self.status, content=content)


@pytest.fixture
def provider() -> Provider:
    """The provider."""
    return Provider()


@pytest.fixture
async def asking(dependencies: Dependencies, provider: Provider) -> AsyncIterator[ProviderRound]:
    """What asks it."""
    made = ProviderRound(dependencies, httpx.MockTransport(provider.answer))
    yield made
    await made.close()


def taken(history: History, channel: str = "pushover", reference: str = RECEIPT, at: int = NOW) -> None:
    """A message that its provider has taken."""
    about = DeliverySnapshot(to=TO, channel=channel, purpose="firing", reference=reference)
    history.write(Change(
        id=f"told/{reference}/{channel}", at=at, team="payments", subject="notification", subject_id="n",
        what="delivered", reason="r", group="payments/g1", delivery=about,
    ))  # fmt: skip


@pytest.fixture
async def sounding(admin: httpx.AsyncClient, history: History, respond: Any) -> None:
    """Something fires, and sounds in Pushover."""
    history.alert("a1", groups=("payments/g1",))
    body = {"name": "push", "team": "payments", "channel": "pushover", "token": TOKEN, "user": USER}
    await created(admin, "endpoints", body)
    taken(history)
    respond.sent.clear()


async def test_acknowledged_in_the_app(
    sounding: None, asking: ProviderRound, provider: Provider, respond: Any
) -> None:
    """It is asked until somebody has it, then no more; the device is all that is known of who it was."""
    await asking.ask()
    assert respond.sent == []
    provider.says = TAKEN
    for _ in range(3):
        await asking.ask()
    (command,) = respond.sent
    assert isinstance(command.action, Acknowledge)
    assert (command.action.group, command.by.name) == ("payments/g1", "annas-iphone by Pushover")
    assert [request.url.path for request in provider.asked] == [f"/1/receipts/{RECEIPT}.json"] * 2
    assert provider.asked[0].url.host == "api.pushover.net"


async def test_after_a_restart_it_is_the_same_command(
    sounding: None, dependencies: Dependencies, provider: Provider, respond: Any
) -> None:
    """Two processes, or one that begins anew, acknowledge once."""
    provider.says, respond.silent = TAKEN, True
    for _ in range(2):
        made = ProviderRound(dependencies, httpx.MockTransport(provider.answer))
        await made.ask()
        await made.close()
    assert len({command.id for command in respond.sent}) == 1


@pytest.mark.parametrize(
    ("status", "says", "again"),
    [
        (200, OPEN | {"expired": 1}, False),
        (404, {}, False),
        (200, b"hello", False),
        (200, b"x" * 300_000, False),
        (429, {}, True),
        (503, {}, True),
        (200, httpx.ConnectError("no"), True),
    ],
)
async def test_how_long_it_is_asked(
    sounding: None,
    asking: ProviderRound,
    provider: Provider,
    respond: Any,
    status: int,
    says: Any,
    again: bool,
) -> None:
    """Until it has sounded for its time, or is unknown; what cannot be reached for now is asked again."""
    provider.status, provider.says = status, says
    await asking.ask()
    await asking.ask()
    assert len(provider.asked) == (2 if again else 1)
    assert respond.sent == []


async def test_what_is_not_asked(
    asking: ProviderRound, provider: Provider, history: History, admin: httpx.AsyncClient
) -> None:
    """Old messages, those of other channels, and those of an address that nobody has let in."""
    body = {"name": "push", "team": "payments", "channel": "pushover", "token": TOKEN, "user": USER}
    await created(admin, "endpoints", body | {"api_url": "https://push.example.com"})
    taken(history)
    taken(history, channel="slack", reference="C1:1.2")
    taken(history, reference="old", at=NOW - 4 * 3_600_000)
    await asking.ask()
    assert provider.asked == []


BUNDLE = f"bundle/{TO}/crowded@7"
LATER = NOW - 60_000


@pytest.fixture
async def sounding_bundle(
    sounding: None, asking: ProviderRound, provider: Provider, history: History
) -> None:
    """Two groups fire, of which one message has told a minute ago, which sounds in Pushover; so does another one."""
    history.alert("a2", groups=("payments/g2",))
    for name, at, group, bundle in (
        ("own", LATER, f"platform/{BUNDLE}", ""), ("g1", LATER, "payments/g1", BUNDLE),
        ("g2", LATER, "payments/g2", BUNDLE), ("other", LATER, "payments/g3", "bundle/other@1"),
    ):  # fmt: skip
        about = DeliverySnapshot(to=TO, channel="pushover", purpose="firing", bundle=bundle,
                                 reference="" if bundle else "b" * 30)  # fmt: skip
        history.write(Change(
            id=f"told/{name}", at=at, team="payments", subject="notification", subject_id=name, what="delivered",
            reason="r", group=group, delivery=about,
        ))  # fmt: skip
    await asking.ask()
    provider.asked.clear()


@pytest.mark.parametrize("over", ["acknowledged", "resolved"])
async def test_a_bundle_falls_silent_once_all_of_it_is_answered(
    sounding_bundle: None, asking: ProviderRound, provider: Provider, history: History, over: str
) -> None:
    """Wherever that was; it sounds while a group of it has nobody, and is asked about no more once it is silent."""
    cancelled = f"/1/receipts/{'b' * 30}/cancel.json"
    for alert, quiet in (("a1", False), ("a2", True)):
        history.alert(alert, over, status=over, groups=(f"payments/g{alert[1]}",), version=2)
        await asking.ask()
        posts = [request for request in provider.asked if request.method == "POST"]
        assert [request.url.path for request in posts] == [cancelled] * quiet
    assert posts[0].content == f"token={TOKEN}".encode()
    provider.asked.clear()
    await asking.ask()
    assert [request.url.path for request in provider.asked] == [f"/1/receipts/{RECEIPT}.json"]


async def test_a_bundle_that_cannot_be_silenced_now_is_tried_again(
    sounding_bundle: None, asking: ProviderRound, provider: Provider, history: History
) -> None:
    """Pushover is away for a moment."""
    for alert in ("a1", "a2"):
        history.alert(alert, "resolved", status="resolved", groups=(f"payments/g{alert[1]}",), version=2)
    provider.fails = "/cancel.json"
    await asking.ask()
    provider.fails = "nothing"
    await asking.ask()
    assert [request.method for request in provider.asked].count("POST") == 2


def inbound(body: str, sid: str = "SM1", direction: str = "inbound") -> dict[str, Any]:
    """A message in Twilio's list."""
    sent = "Mon, 24 Nov 2025 16:00:00 +0000"
    return {"sid": sid, "direction": direction, "from": NUMBER, "body": body, "date_sent": sent}


@pytest.fixture
async def phone(admin: httpx.AsyncClient, history: History, respond: Any) -> None:
    """A telephone whose replies are asked for, and a group that it was told of."""
    history.alert("a1", groups=("payments/g1",))
    body = {
        "name": "push", "team": "payments", "channel": "sms", "to": NUMBER, "sender": "+15005550006",
        "account": "AC" + "0" * 32, "login": "SK" + "0" * 32, "password": "geheim", "replies": "asked",
    }  # fmt: skip
    await created(admin, "endpoints", body)
    taken(history, channel="sms", reference="")
    respond.sent.clear()


async def test_replies(phone: None, asking: ProviderRound, provider: Provider, respond: Any) -> None:
    """A reply acknowledges once; what we sent ourselves, and other words, are none."""
    provider.says = {
        "messages": [inbound("hello", "SM2"), inbound("ack", "SM3", "outbound-api"), inbound("ack")]
    }
    for _ in range(2 * REPLIES):
        await asking.ask()
    (command,) = respond.sent
    assert (command.action.group, command.by.name) == ("payments/g1", "push by SMS")
    assert dict(provider.asked[0].url.params) == {
        "DateSent>": "2025-11-24", "PageSize": "50", "To": "+15005550006",
    }  # fmt: skip
    assert len(provider.asked) == 2


async def test_old_replies(phone: None, asking: ProviderRound, provider: Provider, respond: Any) -> None:
    """What was said long ago, and is read for the first time now, means nothing of what is open now."""
    provider.says = {"messages": [inbound("ack") | {"date_sent": "Mon, 24 Nov 2025 15:40:00 +0000"}]}
    await asking.ask()
    assert respond.sent == []


async def test_a_provider_that_fails_once(
    phone: None, asking: ProviderRound, provider: Provider, respond: Any
) -> None:
    """What has been answered is not answered again."""
    replies = {"messages": [inbound("ack"), inbound("ack 000000", "SM4")]}
    for says in (replies, httpx.ConnectTimeout("away"), replies):
        provider.says = says
        for _ in range(REPLIES):
            await asking.ask()
    assert len(respond.sent) == 1


async def test_nobody_is_asked_while_nothing_is_open(
    phone: None, asking: ProviderRound, provider: Provider, history: History
) -> None:
    """Quiet nights cost no questions."""
    history.alert("a1", "resolved", status="resolved", resolved_at=NOW, version=2)
    await asking.ask()
    assert provider.asked == []


async def test_a_bug_ends_no_rounds(dependencies: Dependencies, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is logged, and the next round is made: else nobody's answer would be heard until a restart."""
    rounds: list[int] = []
    again = asyncio.Event()

    async def ask(_: ProviderRound) -> None:
        rounds.append(1)
        if len(rounds) == 1:
            raise ValueError("odd")
        again.set()

    monkeypatch.setattr(ProviderRound, "ask", ask)
    monkeypatch.setattr("api.way_back.ask_providers.EVERY", 0.0)
    asking = asyncio.create_task(ask_providers(dependencies))
    with capture_logs() as logged:
        await asyncio.wait([asking, asyncio.create_task(again.wait())], return_when=asyncio.FIRST_COMPLETED)
    asking.cancel()
    assert again.is_set()
    assert [entry["log_level"] for entry in logged] == ["error"]
