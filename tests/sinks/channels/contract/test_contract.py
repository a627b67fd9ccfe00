"""The contract that every channel keeps, against a real receiver of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sinks.channel import Channel
from sinks.channels.registry import REGISTRY
from sinks.http import client
from sinks.outcome import Answer, Delivered, Rejected, Retry, report
from streams.messages.attempt import Outcome
from streams.outcome_code import OutcomeCode
from tests.sinks.channels.case import HANG_UP, WHATS, Case, Place, Row
from tests.sinks.channels.cases import CASES
from tests.sinks.harness import closing, nowhere, resources
from tests.sinks.receiver import responding

TEXT = st.text(max_size=40)
VALUES = st.none() | st.booleans() | st.integers() | TEXT | st.lists(TEXT, max_size=2)
URLS = st.builds("{}://{}{}".format, st.sampled_from(["http", "https", "x"]), TEXT, TEXT)
HOSTILE = (
    "x" * 10_000,
    "👩‍👩‍👧‍👦" * 40 + "🏳️‍🌈",
    "\u202eevil\u202c שלום",
    "<!channel> <@U123> <https://evil.example|click>",
    "</script><script>alert(1)</script>",
    "a\r\nBcc: eve@evil.example\r\n\r\nbody",
    "=?utf-8?q?a=0D=0ABcc:_eve@evil.example?= b",
    "nul\0bell\a\x1b[31m",
    "``` `code` ```",
    "&amp; &lt;b&gt; %0d%0a {{7*7}} ${x}",
    "",
)


@dataclass
class Stage:
    """A channel before its real receiver."""

    case: Case
    place: Place
    channel: Channel

    async def send(self, attempt: Any, **more: Any) -> Answer:
        """Send an attempt to the receiver."""
        return await self.channel.send(attempt(self.place.endpoint(), **more))


@pytest.fixture(params=list(CASES))
async def stage(request: Any) -> AsyncIterator[Stage]:
    """Each channel before its receiver."""
    case = CASES[request.param]
    async with case.place() as place, closing(resources(allow_private=False)) as shared:
        yield Stage(case, place, place.channel(shared))


async def test_golden_messages(stage: Stage, attempt: Any) -> None:
    """Triggered, told again, acknowledged, resolved: each is delivered, and the provider's own means accept it."""
    for n, what in enumerate(WHATS):
        answer = await stage.send(attempt, what=what, name=f"n{n}")
        assert isinstance(answer, Delivered), answer
        assert answer.reason

    assert len(stage.place.messages()) >= len(WHATS)
    for message in stage.place.messages():
        stage.case.oracle(message)


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_content(stage: Stage, attempt: Any, text: str) -> None:
    """Whatever a label, a title or a message holds, what leaves is one well-formed message of the provider's."""
    answer = await stage.send(attempt, title=text, message=text, labels={"upstream": text, text[:80]: text})

    assert isinstance(answer, Delivered), answer
    for message in stage.place.messages():
        stage.case.oracle(message)


@pytest.mark.parametrize(("name", "row"), [(name, row) for name, case in CASES.items() for row in case.table])
async def test_status_table(name: str, row: Row, attempt: Any) -> None:
    """Each answer of the provider has one meaning, a code, a reason, and the provider's own wish when to try again."""
    async with CASES[name].place() as place, closing(resources(allow_private=False)) as shared:
        place.answer(row.script)
        answer = await place.channel(shared).send(attempt(place.endpoint()))

    assert (type(answer), answer.code) == (row.result, row.code), answer
    assert getattr(answer, "after_ms", None) == row.after_ms
    assert answer.reason


async def test_ambiguous_outcome(stage: Stage, attempt: Any) -> None:
    """A receiver that takes the message and hangs up leaves its outcome unknown; a repeat is known for one."""
    if not stage.case.hangs_up:
        return
    stage.place.answer(HANG_UP)
    answers = [await stage.send(attempt, number=number) for number in (1, 2)]

    assert [type(answer) for answer in answers] == [Retry, Retry]
    assert {answer.code for answer in answers} == {OutcomeCode.UNKNOWN}
    if stage.case.identity:
        assert len({stage.case.identity(message) for message in stage.place.messages()}) == 1


async def test_an_edited_endpoint(stage: Stage, attempt: Any) -> None:
    """What was told before an endpoint was edited is ended after it, by what the group's last message was called."""
    first = await stage.send(attempt)
    assert isinstance(first, Delivered)
    edited = stage.place.endpoint() | {"name": "renamed"}
    over = attempt(edited, name="n2", what="resolved", reference=first.reference)
    answer = await stage.channel.send(over)

    assert isinstance(answer, Delivered), answer
    for message in stage.place.messages():
        stage.case.oracle(message)


async def test_secret_hygiene(stage: Stage, attempt: Any, caplog: Any) -> None:
    """No secret of the endpoint appears in a reason or in a log, however the call ends."""
    caplog.set_level(logging.DEBUG)
    scripts = [row.script for row in stage.case.table] + [HANG_UP] * stage.case.hangs_up
    told = []
    for script in scripts:
        stage.place.answer(script)
        told.append((await stage.send(attempt)).reason)
    told.append(repr(attempt(stage.place.endpoint()).notification))

    shown = "\n".join(told) + caplog.text
    assert [secret for secret in stage.case.secrets if secret in shown] == []


async def test_private_addresses_are_refused(stage: Stage, attempt: Any) -> None:
    """Without `allow_private` nothing on this machine is called."""
    if not stage.case.http:
        return
    answer = await stage.channel.send(attempt(stage.place.endpoint() | {"allow_private": False}))

    assert isinstance(answer, Rejected)
    assert stage.place.messages() == []


async def test_redirects_are_not_followed(stage: Stage, attempt: Any) -> None:
    """A redirect is told with its host, and nobody is called there."""
    if not stage.case.http:
        return
    stage.place.answer(responding("307 X", "Location: http://169.254.169.254/latest"))
    answer = await stage.send(attempt)

    assert isinstance(answer, Rejected)
    assert "169.254.169.254" in answer.reason
    assert len(stage.place.messages()) == 1


async def test_slow_drips_and_huge_answers(
    stage: Stage, attempt: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body that never ends is not waited for; the answer comes and is a value."""
    if not stage.case.http:
        return
    monkeypatch.setattr(client, "CALL", 0.3)
    monkeypatch.setattr(client, "READING", 0.1)
    for script in (
        "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nok",
        responding("200 OK", body="x" * 300_000),
    ):
        stage.place.answer(script)
        assert isinstance(await stage.send(attempt), Delivered | Retry | Rejected)


async def test_nothing_is_remembered(stage: Stage, attempt: Any) -> None:
    """The same attempt gives the same answer, in a row or side by side."""
    first = await stage.send(attempt)
    answers = await asyncio.gather(*(stage.send(attempt) for _ in range(3)))

    assert [(type(answer), answer.code) for answer in answers] == [(type(first), first.code)] * 3


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.parametrize("name", list(CASES))
async def test_any_endpoint_gives_an_answer(name: str, attempt: Any, data: Any) -> None:
    """Whatever stands in an endpoint, the channel answers with a value and a reason, and never raises."""
    async with CASES[name].place() as place, closing(resources(resolve=nowhere)) as shared:
        fields = list(place.endpoint())
        endpoint = data.draw(st.dictionaries(st.sampled_from(fields), VALUES | URLS))
        answer = await place.channel(shared).send(attempt(endpoint, name=data.draw(TEXT) or "n"))

    assert isinstance(answer, Delivered | Retry | Rejected)
    assert answer.reason


@pytest.mark.parametrize("name", list(REGISTRY))
async def test_made_as_production_makes_it(name: str, attempt: Any) -> None:
    """An endpoint that holds nothing is rejected with a word, unless the channel needs nothing."""
    async with closing(resources(resolve=nowhere)) as shared:
        answer = await REGISTRY[name](shared).send(attempt({}))

    assert isinstance(answer, Delivered if name == "log" else Rejected)


@pytest.mark.parametrize(
    "answer", [Delivered("yes", reference="r1"), Retry(5, "later"), Retry(None, "later"), Rejected("no")]
)
def test_answers_become_outcomes(attempt: Any, answer: Answer) -> None:
    """Every answer becomes the outcome of its attempt, under an id that a second telling shares."""
    outcome = report(attempt(name="n7", number=3), answer, at=5, took=2)

    ids = (outcome.id, outcome.to, outcome.notification, outcome.number)
    assert ids == ("n7#3#outcome", "endpoint/pager", "n7", 3)
    assert (outcome.result, outcome.code) == (type(answer).__name__.lower(), answer.code)
    assert outcome.after == getattr(answer, "after_ms", None)
    assert outcome.reference == getattr(answer, "reference", "")
    assert Outcome.read(orjson.loads(outcome.encode())) == outcome
