"""Each limit of a provider at so many characters and at one more; and that no other limit can be reached.

What a test of the channel itself counts: parts of SMS, TwiML, summary and size in PagerDuty, message and details in
Opsgenie, header and sum of blocks in Slack, bytes in ntfy, message and address in Pushover, size of a card in Teams.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import orjson
import pytest

from sinks.channels.email.payload import subject
from sinks.channels.message import LABEL, MESSAGE, TITLE
from sinks.channels.ntfy.payload import publication
from sinks.channels.opsgenie.payload import step
from sinks.channels.pagerduty.payload import event
from sinks.channels.pushover.payload import form
from sinks.channels.slack.payload import content
from sinks.channels.teams.payload import content as card
from sinks.channels.text import MARK
from sinks.channels.voice.speech import WORDS, speech
from sinks.channels.webhook.standard_webhooks import header_id
from sinks.channels.words import message_of
from streams.channels.opsgenie import OpsgenieEndpoint
from streams.channels.pushover import PushoverEndpoint
from tests.sinks.channels.case import WHATS
from tests.sinks.channels.pushover.case import TOKEN, USER

JSM = OpsgenieEndpoint(name="j", channel="opsgenie", service="jsm", api_key="k" * 36)
PUSH = PushoverEndpoint(name="p", channel="pushover", token=TOKEN, user=USER)


def own_words(attempt: Any, size: int) -> Any:
    """A notification whose text is so many characters of an endpoint's own."""
    return attempt({"text_template": "x" * size})


def slack_block(attempt: Any, size: int) -> str:
    """The section that holds an endpoint's own words."""
    blocks = content(message_of(own_words(attempt, size)))["blocks"]
    (section,) = [block for block in blocks if block["type"] == "section"]
    return str(section["text"]["text"])


def teams_block(attempt: Any, size: int) -> str:
    """The text block that holds an endpoint's own words."""
    body = orjson.loads(card(own_words(attempt, size), bare=True))["body"]
    return str(next(block["text"] for block in body if "x" * 9 in block.get("text", "")))


class Limit(NamedTuple):
    """A field of a message as it grows with what fills it, and how much it takes."""

    most: int
    shown: Callable[[Any, int], str]


LIMITS = {
    "title": Limit(TITLE, lambda attempt, n: message_of(attempt(title="x" * n)).title),
    "message": Limit(MESSAGE, lambda attempt, n: message_of(attempt(message="x" * n)).alerts[0].message),
    "label": Limit(
        LABEL, lambda attempt, n: message_of(attempt(labels={"a": "x" * n})).alerts[0].labels[0][1]
    ),
    "name of a label": Limit(
        LABEL, lambda attempt, n: message_of(attempt(labels={"x" * n: "a"})).alerts[0].labels[0][0]
    ),
    "title in a subject": Limit(
        60,
        lambda attempt, n: subject(message_of(attempt(title="x" * n))).partition("] ")[2].rpartition(" #")[0],
    ),
    "a block of Slack": Limit(2_900, slack_block),
    "a block of Teams": Limit(2_000, teams_block),
    "a tag of Opsgenie": Limit(50, lambda attempt, n: step(attempt(team="x" * n), JSM).body["tags"][2]),
    "words that are read out": Limit(
        WORDS, lambda attempt, n: speech(message_of(attempt(message="x" * n)), WORDS).rpartition(" ")[2]
    ),
}


@pytest.mark.parametrize("name", list(LIMITS))
def test_at_the_limit_and_beyond(attempt: Any, name: str) -> None:
    """So many characters stay as they are; one more is cut to as many, with a mark at its end."""
    limit = LIMITS[name]
    assert limit.shown(attempt, limit.most) == "x" * limit.most
    beyond = limit.shown(attempt, limit.most + 1)
    assert beyond == "x" * (limit.most - 1) + MARK


@pytest.mark.parametrize("size", [200, 201])
def test_an_id_in_a_header(size: int) -> None:
    """An id of any length is one that a header carries; a longer one becomes another, the same each time."""
    id = header_id("n" * size)
    assert len(id) <= 200
    assert (id == "n" * size) == (size == 200)
    assert id == header_id("n" * size) != header_id("n" * size + "m")


def widest(attempt: Any, what: str) -> Any:
    """A notification that is as long as any can be."""
    lines = 20 if what == "bundle" else 1
    return attempt(what=what, title="x" * 10_000, message="y" * 10_000, reason="r" * 10_000, team="t" * 10_000,
                   lines=lines, count=10**9, labels={f"{n}l": "v" * 300 for n in range(13)})  # fmt: skip


@pytest.mark.parametrize("what", WHATS)
def test_what_cannot_be_reached(attempt: Any, what: str) -> None:
    """Titles and notes are within what providers take before they would be cut there."""
    longest = widest(attempt, what)
    alert = step(longest, JSM).body
    assert len(alert.get("entity", "")) <= 512
    assert len(alert.get("note", "")) <= 25_000
    assert len(publication(longest, "t")["title"]) <= 250
    assert len(publication(longest, "t")["title"].encode()) <= 1_024
    pushed = parse_qs(form(longest, PUSH, "https://t.example/a").decode())
    assert len(pushed["title"][0]) <= 250
    assert len(pushed["message"][0]) <= 1_024
    assert len(pushed.get("url_title", [""])[0]) <= 100
    assert len(orjson.loads(event(longest, "k")).get("dedup_key", "")) <= 255
    assert len(content(message_of(longest), "k" * 32)["text"]) <= 4_000
