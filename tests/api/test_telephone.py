"""The way back of telephones: replies by SMS, keys in a call, and what did not arrive after all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import httpx
import pytest

from api.dependencies import Dependencies
from api.http.app import create
from sources.intake import twilio
from streams.channels.way_back.group_key import group_key
from streams.errors import Refused
from streams.messages.attempt import Outcome
from streams.messages.change import Change, DeliverySnapshot
from streams.messages.command import Acknowledge, Escalate, Resolve
from tests.api.conftest import NOW, Client, History
from tests.api.harness import created
from tests.api.telephones import ACCOUNT, ANNA, BEN, PUBLIC, TO, TOKEN, signed


@dataclass
class Kept:
    """Outcomes that were told."""

    outcomes: list[Outcome] = field(default_factory=list)

    async def send(self, outcome: Outcome) -> None:
        """Keep it."""
        self.outcomes.append(outcome)


@pytest.fixture
def kept() -> Kept:
    """What deliver would hear."""
    return Kept()


@pytest.fixture
def dependencies(dependencies: Dependencies, kept: Kept) -> Dependencies:
    """The API as people reach it from outside."""
    return replace(dependencies, settings=replace(dependencies.settings, public_url=PUBLIC), outcomes=kept)


def told(history: History, group: str, to: str) -> None:
    """A line that somebody was told of a group."""
    snapshot = DeliverySnapshot(to=to, channel="sms", purpose="firing")
    id = f"told/{group}/{to}"
    history.write(Change(
        id=id, at=NOW, team="payments", subject="notification", subject_id=id, what="delivered", reason="r",
        group=group, delivery=snapshot,
    ))  # fmt: skip


Said = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
async def phones(client: Client, admin: httpx.AsyncClient, history: History, respond: Any) -> dict[str, str]:
    """Anna has a number of her own, Ben is a person; two groups fire, and Anna was told of both, Ben of the first."""
    for id, group in (("a1", "payments/g1"), ("a2", "payments/g1"), ("b", "payments/g2")):
        history.alert(id, groups=(group,))
    ids = {}
    for name, channel, to in (
        ("anna-phone", "sms", ANNA),
        ("sms", "sms", ANNA[:-1] + "0"),
        ("voice", "voice", ANNA),
    ):
        replies = {"replies": "pushed"} if channel == "sms" else {}
        body = {"name": name, "team": "payments", "channel": channel, "to": to, **ACCOUNT, **replies}
        ids[name] = (await created(admin, "endpoints", body))["id"]
    ways = [{"channel": "sms", "confirmed": True}, {"channel": "voice", "confirmed": True}]
    ben = {"name": "ben", "team": "payments", "full_name": "Ben Berg", "phone": BEN, "contact": ways}
    await created(admin, "people", ben)
    told(history, "payments/g1", TO["sms"])
    told(history, "payments/g2", TO["sms"])
    told(history, "payments/g1", "person/payments/ben/sms")
    respond.sent.clear()
    return ids


@pytest.fixture
def say(client: Client, phones: dict[str, str]) -> Said:
    """Twilio says something about one of the endpoints."""

    async def said(name: str, form: dict[str, str], query: str = "", token: str = TOKEN) -> httpx.Response:
        kind = "voice" if name == "voice" else "sms"
        path = f"/v1/inbound/{kind}/{phones[name]}{query}"
        content, headers = signed(PUBLIC + path, form, token)
        return await client(None).post(path, content=content, headers=headers)

    return said


def reply(body: str, number: str = ANNA, sid: str = "SM1") -> dict[str, str]:
    """An SMS that came in."""
    return {"From": number, "To": ACCOUNT["sender"], "Body": body, "MessageSid": sid}


def words(answer: httpx.Response) -> str:
    """What the sender reads, or hears."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/xml")
    return "".join(ElementTree.fromstring(answer.text).itertext())  # noqa: S314  # ours


def code(group: str, to: str = TO["sms"]) -> str:
    """What a message shows of a group's key."""
    return group_key("payments", group, to)[:6]


@pytest.mark.parametrize("body", ["ACK {}", "ack {}", "  Ok. {}!", "1 {}"])
async def test_acknowledged_by_its_code(say: Said, respond: Any, body: str) -> None:
    """However it is spelled; the answer says of what, and one command names who it was."""
    answer = await say("anna-phone", reply(body.format(code("payments/g1"))))
    assert words(answer).startswith("Acknowledged: ")
    (command,) = respond.sent
    assert isinstance(command.action, Acknowledge)
    assert (command.action.group, command.by.name) == ("payments/g1", "anna-phone by SMS")


async def test_which_one_is_asked_back(say: Said, respond: Any) -> None:
    """Where several groups are open a bare word does nothing, and the answer names each with its code."""
    answer = words(await say("anna-phone", reply("ack")))
    assert respond.sent == []
    assert code("payments/g1") in answer
    assert code("payments/g2") in answer


async def test_the_only_one_needs_no_code(say: Said, respond: Any) -> None:
    """Ben was told of one group: his word is of that, with his name; a repeat is the same command."""
    for _ in range(2):
        assert words(await say("sms", reply("ACK", BEN)))
    by_id: dict[str, Any] = {command.id: command for command in respond.sent}
    (command,) = by_id.values()
    assert (command.action.group, command.by.name) == ("payments/g1", "Ben Berg by SMS")


@pytest.mark.parametrize(("body", "kind", "count"), [("resolve", Resolve, 2), ("escalate", Escalate, 1)])
async def test_what_else_can_be_said(say: Said, respond: Any, body: str, kind: type, count: int) -> None:
    """Resolved are all of the group; the next step is asked for once."""
    respond_to = reply(f"{body} {code('payments/g1')}")
    await say("anna-phone", respond_to)
    assert [type(command.action) for command in respond.sent] == [kind] * count


@pytest.mark.parametrize(
    ("body", "number"),
    [("ack", "+4930000000"), ("what is this?", ANNA), ("STOP", ANNA), ("", ANNA)],
)
async def test_nothing_is_said_to_others(say: Said, respond: Any, body: str, number: str) -> None:
    """A stranger learns nothing, and what is none of our words gets no answer that would cost an SMS."""
    assert words(await say("anna-phone", reply(body, number))) == ""
    assert respond.sent == []


async def test_nothing_is_open(say: Said, respond: Any) -> None:
    """An unknown code says so."""
    assert "Nothing open has the code ffffff" in words(await say("anna-phone", reply("ack ffffff")))
    assert respond.sent == []


def query(**fields: str) -> str:
    """What of a notification comes back."""
    return f"?{urlencode(fields)}"


@pytest.mark.parametrize(
    ("digit", "kind", "says"), [("1", Acknowledge, "Acknowledged"), ("2", Escalate, "next step")]
)
async def test_a_key(say: Said, respond: Any, digit: str, kind: type, says: str) -> None:
    """1 acknowledges and 2 calls the next step, as the person who was called."""
    key = group_key("payments", "payments/g1", TO["voice"])
    answer = await say("voice", {"Digits": digit, "CallSid": "CA1"}, query(key=key, to=TO["voice"]))
    assert says in words(answer)
    ((action, by),) = [(command.action, command.by.name) for command in respond.sent]
    assert (type(action), action.group, by) == (kind, "payments/g1", "Ben Berg by phone")


@pytest.mark.parametrize(("digit", "key"), [("7", "0" * 32), ("1", "x"), ("1", "0" * 32)])
async def test_other_keys(say: Said, respond: Any, digit: str, key: str) -> None:
    """Another key, or one about no group of ours, does nothing and says so."""
    answer = await say("voice", {"Digits": digit, "CallSid": "CA1"}, query(key=key, to=TO["voice"]))
    assert words(answer)
    assert respond.sent == []


async def test_a_key_speaks_of_its_own_endpoint(say: Said, respond: Any) -> None:
    """Whoever has the token of an endpoint answers for nobody whom another endpoint tells."""
    key = group_key("payments", "payments/g1", TO["sms"])
    answer = await say("voice", {"Digits": "1", "CallSid": "CA1"}, query(key=key, to=TO["sms"]))
    assert "Nothing was done" in words(answer)
    assert respond.sent == []


async def test_a_failure_speaks_of_its_own_endpoint(say: Said, kept: Kept) -> None:
    """Nor does it say that what others have heard did not arrive."""
    await say("voice", FAILS[1][1], query(to=TO["sms"], notification="n", number="1"))
    await say("sms", FAILS[0][1], query(to="person/payments/nobody/sms", notification="n", number="1"))
    assert kept.outcomes == []


FAILS = [("anna-phone", {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30003"}),
         ("voice", {"CallSid": "CA1", "CallStatus": "no-answer"})]  # fmt: skip


@pytest.mark.parametrize(("name", "form"), FAILS)
async def test_what_did_not_arrive(say: Said, kept: Kept, name: str, form: dict[str, str]) -> None:
    """Deliver hears of it as of the attempt's outcome."""
    to = TO["voice" if name == "voice" else "sms"]
    answer = await say(name, form, query(to=to, notification="n|1 ü", number="2"))
    assert answer.status_code == 204
    (outcome,) = kept.outcomes
    assert (outcome.result, outcome.to, outcome.notification, outcome.number) == (
        "undelivered",
        to,
        "n|1 ü",
        2,
    )
    assert form.get("MessageStatus", "no-answer") in outcome.reason


@pytest.mark.parametrize("status", ["queued", "sent", "delivered", "completed", "in-progress"])
async def test_what_is_on_its_way(say: Said, kept: Kept, status: str) -> None:
    """It says nothing that is not known already."""
    answer = await say("anna-phone", {"MessageStatus": status}, query(to="x", notification="n", number="1"))
    assert (answer.status_code, kept.outcomes) == (204, [])


async def test_whose_attempt_it_was_has_to_be_said(say: Said, kept: Kept) -> None:
    """Without it nothing is told."""
    for fields in ({}, {"to": "x", "notification": "n", "number": "one"}):
        assert (await say("anna-phone", FAILS[0][1], query(**fields) if fields else "")).status_code == 204
    assert kept.outcomes == []


async def test_unproved(say: Said, client: Client, phones: dict[str, str], respond: Any) -> None:
    """Signed with another token, for another address, or changed: 401, and nothing happens."""
    path = f"/v1/inbound/sms/{phones['anna-phone']}"
    content, headers = signed(f"{PUBLIC}{path}", reply("ack"))
    answers = [
        await say("anna-phone", reply("ack"), token="x" * 32),
        await client(None).post(f"{path}?to=x", content=content, headers=headers),
        await client(None).post(path, content=content + b"&Body=resolve", headers=headers),
        await client(None).post(
            f"/v1/inbound/voice/{phones['anna-phone']}", content=content, headers=headers
        ),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert respond.sent == []


async def test_without_a_public_address_nothing_is_believed(
    dependencies: Dependencies, phones: dict[str, str], respond: Any
) -> None:
    """What Twilio signs begins with an address that nobody has told us."""
    bare = replace(dependencies, settings=replace(dependencies.settings, public_url=""))
    path = f"/v1/inbound/sms/{phones['anna-phone']}"
    content, headers = signed(f"http://tocsin{path}", reply("ack"))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create(bare)), base_url="http://tocsin"
    ) as alone:
        assert (await alone.post(path, content=content, headers=headers)).status_code == 401


@pytest.mark.parametrize(
    "url", ["https://h.example/p?x=1", "https://h.example:443/p?x=1", "https://h.example:8443/p"]
)
@pytest.mark.parametrize("algorithm", ["HMAC_SHA1", "HMAC_SHA256"])
def test_the_official_library_agrees(url: str, algorithm: str) -> None:
    """Twilio's own validator signs; with and without the port, by the account's token or by a key of its own."""
    validator = pytest.importorskip("twilio.request_validator", reason="the package twilio is not installed")
    form = {"Body": "ack 4e6ff2 & ü", "From": ANNA, "Empty": ""}
    signature = validator.RequestValidator(TOKEN).compute_signature(url, form, algorithm)
    raw, settings = urlencode(form).encode(), f"key=webhooks_sharedkey_1,algorithm={algorithm}"
    headers = {twilio.SIGNATURE: signature, twilio.SETTINGS: settings}
    assert twilio.is_signed(url, raw, headers, TOKEN)
    assert twilio.is_signed(url, raw, {twilio.SIGNATURE: signature}, TOKEN) == (algorithm == "HMAC_SHA1")
    assert not twilio.is_signed(url, raw + b"&a=b", headers, TOKEN)
    assert not twilio.is_signed(url, raw, headers | {twilio.SETTINGS: "algorithm=NONE"}, TOKEN)


def test_too_many_fields() -> None:
    """Nobody is kept busy by a form without end."""
    with pytest.raises(Refused, match="more fields"):
        twilio.fields(b"&".join(b"a=%d" % n for n in range(300)))
