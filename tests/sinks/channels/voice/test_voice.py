"""Voice's own: what is read out, how long it may be, and what a key leads to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.channels.message import group_key
from sinks.channels.voice.channel import Voice
from sinks.channels.voice.speech import LONGEST, speech, twiml
from sinks.channels.words import message_of
from streams.documents.document import derived
from streams.links.signed_links import Links
from tests.sinks.channels.voice.case import fields, said
from tests.sinks.harness import closing, resources
from tests.sinks.receiver import Receiver

PUBLIC = "https://tocsin.example.com"


def test_what_is_read_out(attempt: Any) -> None:
    """State and severity first, then what, then the first alert's own words; underscores are no words."""
    message = message_of(attempt(title="tool_errors", message="80 % fail", lines=2))
    assert speech(message, 400) == "Tocsin. Firing critical. tool errors. 2 alerts. 80 % fail"


def test_a_code_is_read_digit_by_digit(attempt: Any) -> None:
    """Nobody can write down a hundred and twenty-three thousand."""
    assert "1 2 3 4 5 6" in speech(message_of(attempt(what="code", title="confirm: 123456")), 400)


def test_read_out_several_times(attempt: Any) -> None:
    """Whoever wakes up misses the first time."""
    document = said(twiml(message_of(attempt()), "de-DE", 3))
    assert len(document.findall("Say")) == 3
    assert {each.get("language") for each in document.iter("Say")} == {"de-DE"}
    assert document[-1].tag == "Hangup"


@given(st.text(max_size=3_000), st.text(max_size=500), st.integers(1, 5))
def test_whatever_it_says(attempt: Any, text: str, query: str, times: int) -> None:
    """Any label gives a document that can be read and that one request holds, with where its key goes."""
    action = f"{PUBLIC}/v1/inbound/voice/x?{query}"[:600]
    try:
        action.encode()
    except UnicodeEncodeError:
        action = PUBLIC
    action = "".join(letter for letter in action if letter.isprintable())
    document = twiml(message_of(attempt(title=text, message=text * 3)), "en-US", times, action)
    assert len(document) <= LONGEST
    gathers = said(document).findall("Gather")
    assert {gather.get("action") for gather in gathers} == {action}


async def asked(attempt: Any, public: str = PUBLIC, **more: Any) -> dict[str, str]:
    """The form of a call."""
    async with Receiver(answer="HTTP/1.1 201 C\r\nContent-Length: 2\r\n\r\n{}").listening() as receiver:
        async with closing(resources()) as shared:
            reached = replace(shared, links=Links(public, ()))
            endpoint = {
                "name": "anna-phone",
                "team": "payments",
                "channel": "voice",
                **fields(receiver),
                **more,
            }
            await Voice(reached).send(attempt(endpoint, to="person/payments/anna/voice"))
        return dict(parse_qsl(receiver.got[0].body.decode()))


async def test_a_key_leads_back(attempt: Any) -> None:
    """To the endpoint that calls, with which group, and who was called."""
    form = await asked(attempt, auth_token="t" * 32)
    (action, *_) = {gather.get("action") or "" for gather in said(form["Twiml"]).findall("Gather")}
    address, query = action.partition("?")[0], parse_qs(urlsplit(action).query)
    assert address == f"{PUBLIC}/v1/inbound/voice/{derived('payments', 'endpoint', 'anna-phone')}"
    to = "person/payments/anna/voice"
    assert query == {"key": [group_key(attempt(to=to))], "to": [to]}


@pytest.mark.parametrize(("public", "more"), [("", {"auth_token": "t" * 32}), (PUBLIC, {})])
async def test_nothing_is_asked_where_no_answer_would_be_believed(
    attempt: Any, public: str, more: Any
) -> None:
    """Without an address from outside, or what Twilio signs with, the call only says what is wrong."""
    form = await asked(attempt, public, **more)
    assert said(form["Twiml"]).findall("Gather") == []


@pytest.mark.parametrize("times", [1, 3])
def test_an_address_that_no_request_holds(attempt: Any, times: int) -> None:
    """What cannot be made shorter is said once, and as short as it can be."""
    action = f"{PUBLIC}/{'x' * LONGEST}"
    document = said(twiml(message_of(attempt(message="m" * 900)), "en-US", times, action))
    assert [gather.get("action") for gather in document.findall("Gather")] == [action]
    assert "mm" not in "".join(document.itertext())
