"""Slack: one message a group edited in place, its thread, and each limit at n and one more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import jsonschema_rs
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from sinks.channels.message import group_key
from sinks.channels.slack.channel import Slack
from sinks.channels.slack.payload import HEADER, SECTION, TEXT, content, escape
from sinks.channels.words import message_of
from sinks.http import client
from sinks.outcome import Answer, Delivered, Rejected, Retry
from streams.documents.registry import read
from streams.errors import Refused
from streams.outcome_code import OutcomeCode
from tests.sinks.channels.slack.case import POSTED, TOKEN, bot, oracle, refused
from tests.sinks.harness import closing, nowhere, resources
from tests.sinks.receiver import Receiver, Request
from tests.sinks.specs import needed

PLACE = "C024BE91L:1401383885.000061"


@pytest.fixture
async def slack() -> AsyncIterator[Receiver]:
    """Something that answers as Slack does."""
    async with Receiver(answer=POSTED).listening() as running:
        yield running


async def send(attempt: Any, receiver: Receiver, **more: Any) -> Answer:
    """What comes of one attempt."""
    endpoint = {"name": "s", "channel": "slack", **bot(receiver)}
    async with closing(resources()) as shared:
        return await Slack(shared).send(attempt(endpoint, **more))


def calls(receiver: Receiver) -> list[tuple[str, dict[str, Any]]]:
    """The methods that were called, and with what."""
    return [
        (request.line.split()[1].rpartition("/")[2], orjson.loads(request.body)) for request in receiver.got
    ]


async def test_one_message_a_group(slack: Receiver, attempt: Any) -> None:
    """The first is posted; the next edits it and answers in its thread; after the resolved one a new one begins."""
    first = await send(attempt, slack)
    assert first == Delivered("http://127.0.0.1 took it", reference=PLACE)
    again = await send(attempt, slack, name="n2", what="reminder", reference=PLACE)
    assert isinstance(again, Delivered)
    assert again.reference == PLACE
    over = await send(attempt, slack, name="n3", what="resolved", reference=PLACE)
    assert isinstance(over, Delivered)
    later = await send(attempt, slack, name="n4", reference=over.reference)
    assert isinstance(later, Delivered)

    methods = [name for name, _ in calls(slack)]
    assert methods == [
        "chat.postMessage", "chat.update", "chat.postMessage", "chat.update", "chat.postMessage", "chat.postMessage",
    ]  # fmt: skip
    _, update = calls(slack)[1]
    assert (update["channel"], update["ts"]) == ("C024BE91L", "1401383885.000061")
    assert update["blocks"]
    threads = [
        (body.get("thread_ts"), body.get("reply_broadcast"))
        for name, body in calls(slack)
        if name == "chat.postMessage"
    ]
    assert threads == [
        (None, None), ("1401383885.000061", True), ("1401383885.000061", False), (None, None),
    ]  # fmt: skip


async def test_a_deleted_message_is_posted_anew(slack: Receiver, attempt: Any) -> None:
    """Somebody has deleted it: the news must not be lost with it."""
    slack.script = [refused("message_not_found"), POSTED]
    answer = await send(attempt, slack, reference="C1:1.2")

    assert isinstance(answer, Delivered)
    assert answer.reference == PLACE
    assert [name for name, _ in calls(slack)] == ["chat.update", "chat.postMessage"]


async def test_a_message_that_cannot_be_edited_is_answered(slack: Receiver, attempt: Any) -> None:
    """Where the time for edits is over, its thread still says it."""
    slack.script = [refused("edit_window_closed"), POSTED]
    answer = await send(attempt, slack, reference="C1:1.2")

    assert isinstance(answer, Delivered)
    assert calls(slack)[1][1]["thread_ts"] == "1.2"


async def test_an_edit_that_fails_is_tried_again(slack: Receiver, attempt: Any) -> None:
    """Nothing is said in the thread of a message that does not say it yet."""
    slack.script = [refused("ratelimited", "Retry-After: 3")]
    answer = await send(attempt, slack, reference="C1:1.2")

    assert isinstance(answer, Retry)
    assert answer.after_ms == 3_000
    assert len(slack.got) == 1


@pytest.mark.parametrize("size", [HEADER - 30, HEADER, HEADER + 1, 10_000])
def test_header(attempt: Any, size: int) -> None:
    """A title of any length makes a header that Slack takes, with the state at its beginning."""
    (header, *_) = content(message_of(attempt(title="x" * size)))["blocks"]

    Block.parse(header).validate_json()  # type: ignore[union-attr]
    assert "FIRING critical: x" in header["text"]["text"]


@pytest.mark.parametrize("lines", [1, 20, 23, 24, 25, 100])
@pytest.mark.parametrize("size", [0, 10, 1_000])
def test_blocks_and_their_sum(attempt: Any, lines: int, size: int) -> None:
    """However many alerts: at most fifty blocks, some twelve thousand characters, and a word of the rest."""
    request = Request("", {}, orjson.dumps(content(message_of(attempt(lines=lines, message="y" * size)))))
    oracle(request)
    blocks = orjson.loads(request.body)["blocks"]
    shown = sum(block["type"] == "section" for block in blocks) if size else lines
    assert shown == lines or "more than one message holds" in blocks[-1]["elements"][0]["text"]


@given(words=st.text(alphabet="&<>ab\u200d👩", max_size=300), most=st.integers(1, 120))
def test_no_cut_splits_an_escape(words: str, most: int) -> None:
    """What is cut holds whole escapes only, and is never longer than it may be."""
    escaped = escape(words, most)

    assert len(escaped) <= most
    assert "<" not in escaped
    assert all(
        escaped[n:].startswith(("&amp;", "&lt;", "&gt;")) for n, letter in enumerate(escaped) if letter == "&"
    )


def test_by_slacks_own_types(attempt: Any) -> None:
    """The schema that is generated from Slack's types knows each block that we make."""
    schema = needed("slack-message.schema.json")
    for what in ("firing", "escalated", "reminder", "acknowledged", "resolved", "summary"):
        jsonschema_rs.validate(schema, content(message_of(attempt(what=what, lines=3))))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "needs either `url`"),
        ({"url": "https://x", "token": TOKEN, "conversation": "#a"}, "needs either `url`"),
        ({"token": TOKEN}, "needs `conversation`"),
    ],
)
def test_incomplete_documents(fields: dict[str, Any], words: str) -> None:
    """A webhook, or a token with a conversation; not both and not neither."""
    with pytest.raises(Refused, match=words):
        read("endpoint", {"name": "s", "channel": "slack", **fields})


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"url": "hooks.slack.com/x"}, "url"),
        ({"token": "abc", "conversation": "#a"}, "token"),
        ({"token": TOKEN, "conversation": "#a", "api_url": "http://slack.example"}, "api_url"),
        ({"token": TOKEN, "conversation": "#a", "api_url": "slack"}, "api_url"),
    ],
)
async def test_flaws(attempt: Any, fields: dict[str, Any], field: str) -> None:
    """What cannot work is said with its field and without its content."""
    async with closing(resources(resolve=nowhere)) as shared:
        answer = await Slack(shared).send(attempt({"channel": "slack", **fields}))

    assert isinstance(answer, Rejected)
    assert answer.code == OutcomeCode.MISCONFIGURED
    assert f"`{field}`" in answer.reason
    assert "abc" not in answer.reason


def test_limits_are_slacks() -> None:
    """We stay below what Slack takes."""
    assert (TEXT, HEADER, SECTION) <= (4_000, 150, 3_000)


async def test_two_calls_have_the_time_of_one(
    slack: Receiver, attempt: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edit and its answer in the thread together take no longer than one call may."""
    monkeypatch.setattr(client, "CALL", 0.2)
    slack.delay = 0.15
    answer = await send(attempt, slack, reference=PLACE)

    assert isinstance(answer, Retry)
    assert answer.code == OutcomeCode.UNKNOWN


async def test_buttons(slack: Receiver, attempt: Any) -> None:
    """With a signing secret there are buttons while there is something to say, and Slack's models take them."""
    shown: dict[str, list[str]] = {}
    for what in ("firing", "reminder", "acknowledged", "resolved", "summary", "test"):
        endpoint = {"name": "s", "channel": "slack", **bot(slack), "signing_secret": "s" * 32}
        async with closing(resources()) as shared:
            await Slack(shared).send(attempt(endpoint, what=what, name=what))
        blocks = calls(slack)[-1][1]["blocks"]
        for block in Block.parse_all(blocks):
            block.validate_json()
        rows = [block for block in blocks if block["type"] == "actions"]
        shown[what] = [button["action_id"] for row in rows for button in row["elements"]]
        keys = {button["value"] for row in rows for button in row["elements"]}
        assert keys <= {group_key(attempt({}))}
    both, one = ["tocsin_acknowledge", "tocsin_resolve"], ["tocsin_resolve"]
    assert shown == {
        "firing": both, "reminder": both, "acknowledged": one, "resolved": [], "summary": [], "test": [],
    }  # fmt: skip


async def test_no_buttons_without_a_secret(slack: Receiver, attempt: Any) -> None:
    """What nobody would believe is not offered."""
    await send(attempt, slack)
    assert [block for block in calls(slack)[-1][1]["blocks"] if block["type"] == "actions"] == []


async def test_an_edited_conversation(slack: Receiver, attempt: Any) -> None:
    """What is open is closed where it was told of, wherever the endpoint leads by now."""
    first = await send(attempt, slack)
    assert isinstance(first, Delivered)
    endpoint = {"name": "s", "channel": "slack", **bot(slack), "conversation": "#another"}
    async with closing(resources()) as shared:
        over = attempt(endpoint, name="n2", what="resolved", reference=first.reference)
        assert isinstance(await Slack(shared).send(over), Delivered)
        assert isinstance(await Slack(shared).send(attempt(endpoint, name="n3")), Delivered)
    assert [body["channel"] for _, body in calls(slack)] == ["#alerts", "C024BE91L", "C024BE91L", "#another"]
