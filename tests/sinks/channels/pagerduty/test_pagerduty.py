"""PagerDuty: one key a group, the routing key of the trigger, the region, and each limit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from cryptography.fernet import Fernet

from sinks.channels.pagerduty.channel import PagerDuty
from sinks.channels.pagerduty.payload import LARGEST, event
from sinks.outcome import Delivered, Rejected, Retry
from streams.channels.pagerduty import PagerDutyEndpoint
from tests.sinks.channels.pagerduty.case import INVALID, KEY, QUEUED, fields, oracle
from tests.sinks.harness import closing, resources
from tests.sinks.receiver import Receiver, Request, responding

OTHER = "f" * 32
SEAL = Fernet.generate_key()


def sealed(text: str) -> str:
    """As the API seals it."""
    return "sealed:" + Fernet(SEAL).encrypt(text.encode()).decode()


@pytest.fixture
async def pagerduty() -> AsyncIterator[Receiver]:
    """Something that answers as PagerDuty does."""
    async with Receiver(answer=QUEUED).listening() as running:
        yield running


async def send(attempt: Any, receiver: Receiver, key: str, **more: Any) -> Any:
    """What comes of one attempt."""
    endpoint = {"channel": "pagerduty", **fields(receiver), "routing_key": key}
    async with closing(resources([SEAL.decode()])) as shared:
        return await PagerDuty(shared).send(attempt(endpoint, **more))


def bodies(receiver: Receiver) -> list[dict[str, Any]]:
    """The events."""
    return [orjson.loads(request.body) for request in receiver.got]


async def test_one_key_a_group(pagerduty: Receiver, attempt: Any) -> None:
    """Whatever changes of a group, its key stays; another group has another, and so has another endpoint."""
    for n, what in enumerate(["firing", "escalated", "acknowledged", "resolved"]):
        await send(
            attempt,
            pagerduty,
            KEY,
            name=f"n{n}",
            what=what,
            title=f"t{n}",
            severity="warning" if n else "critical",
        )
    await send(attempt, pagerduty, KEY, group="g2")
    await send(attempt, pagerduty, KEY, to="endpoint/other")

    keys = [body["dedup_key"] for body in bodies(pagerduty)]
    assert len(set(keys[:4])) == 1
    assert len(set(keys)) == 3
    assert [body["event_action"] for body in bodies(pagerduty)[:4]] == [
        "trigger",
        "trigger",
        "acknowledge",
        "resolve",
    ]


async def test_the_key_of_the_trigger(pagerduty: Receiver, attempt: Any) -> None:
    """An endpoint that was edited resolves with the key that it triggered with, which travels sealed."""
    first = await send(attempt, pagerduty, sealed(KEY))
    assert isinstance(first, Delivered)
    assert KEY not in first.reference
    last = await send(
        attempt, pagerduty, sealed(OTHER), name="n2", what="resolved", reference=first.reference
    )
    await send(attempt, pagerduty, sealed(OTHER), name="n3", reference=last.reference)

    assert [body["routing_key"] for body in bodies(pagerduty)] == [KEY, KEY, OTHER]


async def test_a_key_that_is_gone(pagerduty: Receiver, attempt: Any) -> None:
    """Where the first key no longer exists, the news goes to the new one."""
    pagerduty.script = [responding("400 Bad", body=INVALID), QUEUED]
    old = sealed(KEY)
    answer = await send(attempt, pagerduty, sealed(OTHER), what="escalated", reference=old)

    assert isinstance(answer, Delivered)
    assert answer.reference not in ("", old)
    assert [body["routing_key"] for body in bodies(pagerduty)] == [KEY, OTHER]


async def test_their_words(pagerduty: Receiver, attempt: Any) -> None:
    """What PagerDuty says of a refused event is told, without the key."""
    pagerduty.answer = responding("400 Bad", body=INVALID)
    answer = await send(attempt, pagerduty, KEY)

    assert isinstance(answer, Rejected)
    assert "it says: Invalid routing key …" in answer.reason


@pytest.mark.parametrize("size", [950, 1_000, 1_100, 20_000])
def test_summary(attempt: Any, size: int) -> None:
    """A message of any length gives a summary within the bound, the state at its beginning."""
    body = orjson.loads(event(attempt(message="x" * size, title="t" * 30), KEY))
    summary = body["payload"]["summary"]

    assert len(summary) <= 1_024
    assert summary.startswith("FIRING critical: ttt")
    assert summary.endswith("…" if size > 960 else ")")


@pytest.mark.parametrize("lines", [1, 10, 1_000])
def test_size(attempt: Any, lines: int) -> None:
    """However many alerts, the event is small enough: the details go before the news does."""
    content = event(attempt(lines=lines, message="ü" * 1_000, labels={"a": "b" * 200}), KEY)

    assert len(content) <= LARGEST
    assert ("custom_details" in orjson.loads(content)["payload"]) == (lines < 200)
    oracle(Request("POST /v2/enqueue HTTP/1.1", {}, content))


def test_regions() -> None:
    """Each region has its own address; `api_url` names any other."""
    made = [
        PagerDutyEndpoint(name="p", channel="pagerduty", routing_key=KEY, **more).base
        for more in ({}, {"region": "eu"}, {"api_url": "https://proxy.example/pd/"})
    ]
    assert made == [
        "https://events.pagerduty.com",
        "https://events.eu.pagerduty.com",
        "https://proxy.example/pd",
    ]


@pytest.mark.parametrize("key", ["", "short", KEY + "0", "x" * 31 + "!"])
async def test_keys_of_another_shape(pagerduty: Receiver, attempt: Any, key: str) -> None:
    """A key that no Events integration has is refused by its name before anything is sent."""
    answer = await send(attempt, pagerduty, key)

    assert isinstance(answer, Rejected)
    assert "`routing_key`" in answer.reason
    assert pagerduty.got == []


def actions(receiver: Receiver) -> list[str]:
    """What the events do."""
    return [body["event_action"] for body in bodies(receiver)]


@pytest.mark.parametrize("key", [KEY, sealed(KEY)])
@pytest.mark.parametrize("code", ["ack_ended", "joined_acknowledged", "worsened"])
async def test_what_somebody_has_is_opened_anew(
    pagerduty: Receiver, attempt: Any, key: str, code: str
) -> None:
    """An acknowledged incident swallows what is added to it: so it ends first, and the news calls people."""
    held = await send(attempt, pagerduty, key, what="acknowledged")
    again = await send(attempt, pagerduty, key, name="n2", reason_code=code, reference=held.reference)
    await send(attempt, pagerduty, key, name="n3", what="escalated", reference=again.reference)

    assert actions(pagerduty) == ["acknowledge", "resolve", "trigger", "trigger"]
    assert len({body["dedup_key"] for body in bodies(pagerduty)}) == 1
    assert KEY not in held.reference + again.reference


async def test_whoever_is_reminded_has_it_still(pagerduty: Receiver, attempt: Any) -> None:
    """Before an acknowledgement ends the incident stays whose it is; once it has ended, people are called."""
    held = await send(attempt, pagerduty, KEY, what="acknowledged")
    reminded = await send(
        attempt,
        pagerduty,
        KEY,
        name="n2",
        what="reminder",
        reason_code="ack_ending",
        reference=held.reference,
    )
    await send(attempt, pagerduty, KEY, name="n3", reason_code="ack_ended", reference=reminded.reference)
    assert actions(pagerduty) == ["acknowledge", "trigger", "resolve", "trigger"]


async def test_opened_anew_once(pagerduty: Receiver, attempt: Any) -> None:
    """Where the news fails behind the end of the incident, only the news is said again; where the end fails, both."""
    pagerduty.script = [QUEUED, responding("500 Oops"), QUEUED]
    held = {"reason_code": "ack_ended", "reference": "acknowledged:"}
    first = await send(attempt, pagerduty, KEY, **held)
    assert isinstance(first, Retry)
    await send(attempt, pagerduty, KEY, number=2, **held | {"reference": first.reference})
    assert actions(pagerduty) == ["resolve", "trigger", "trigger"]

    pagerduty.script = [responding("500 Oops")]
    failed = await send(attempt, pagerduty, KEY, name="n2", **held)
    assert isinstance(failed, Retry)
    assert failed.reference == ""
