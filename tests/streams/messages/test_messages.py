"""What the stages say to each other: readable by those who know less or more."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import NewerSchema, Refused
from streams.messages.attempt import Attempt, Outcome
from streams.messages.bulk import BulkChunk, VerdictBacklog
from streams.messages.change import Change
from streams.messages.command import Acknowledge, Action, Command, DeleteDocument, PutDocument, Resolve
from streams.messages.config import ConfigRevision
from streams.messages.envelope import LARGEST, SCHEMA, Message, decode, kind_of
from streams.messages.event import Event
from streams.messages.manifest import Incarnation
from streams.messages.notification import Cancel, Notification
from streams.messages.receipt import Receipt
from streams.messages.shared import SharedEntry
from streams.messages.tick import Tick
from streams.messages.verdict import Verdicts
from tests.streams.messages.harness import bodies

KINDS: list[type[Message]] = [
    Attempt, BulkChunk, Cancel, Change, Command, ConfigRevision, Incarnation, Notification, Outcome, Receipt,
    SharedEntry, Tick, VerdictBacklog, Verdicts,
]  # fmt: skip
kinds = st.sampled_from(KINDS)


@given(st.data())
def test_a_message_reads_back(data: st.DataObject) -> None:
    """The bytes of a message of any kind are the message, whether its kind was known before or not."""
    kind = data.draw(kinds)
    message = kind.read(data.draw(bodies(kind)))
    raw = message.encode()
    assert kind.parse(raw) == message
    assert kind.read(decode(raw)) == message
    assert kind_of(raw) == message.kind


@given(st.data())
def test_what_knows_more_is_read(data: st.DataObject) -> None:
    """Shapes may grow: an unknown field is ignored by older readers."""
    kind = data.draw(kinds)
    message = kind.read(data.draw(bodies(kind)))
    grown = orjson.loads(message.encode()) | {"later": [1, {"x": None}]}
    assert kind.parse(orjson.dumps(grown)) == message
    assert kind.read(grown) == message


@given(st.data())
def test_damage_is_refused_and_nothing_else(data: st.DataObject) -> None:
    """Whatever becomes of the bytes, they read as some message of the kind, or are refused, or too new."""
    kind = data.draw(kinds)
    raw = bytearray(kind.read(data.draw(bodies(kind))).encode())
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), min_size=1, max_size=4)):
        raw[place] ^= 1 << data.draw(st.integers(0, 7))
    with suppress(Refused, NewerSchema):
        assert isinstance(kind.parse(bytes(raw[: data.draw(st.integers(0, len(raw)))])), kind)


def test_no_two_kinds_share_a_word() -> None:
    """The kind alone says how bytes are read."""
    words = [kind.__struct_config__.tag for kind in KINDS]
    assert len(set(words)) == len(words)


OF_COMMAND: dict[str, Any] = {"id": "c", "at": 1, "team": "t", "by": {"name": "anna"}}


@pytest.mark.parametrize(
    ("kind", "message", "words"),
    [
        (Tick, {"id": "t", "at": 5}, "tick: `processed` is missing"),
        (Tick, {"id": "t", "at": "x", "processed": 4}, "tick: `at`: expected"),
        (Tick, {"at": 5, "processed": 4}, "tick: `id` is missing"),
        (
            Outcome,
            {
                "id": "o",
                "at": 1,
                "to": "e",
                "notification": "n",
                "number": 1,
                "result": "maybe",
                "reason": "r",
            },
            "outcome: `result`: invalid enum value 'maybe'",
        ),
        (
            Command,
            OF_COMMAND | {"action": {"do": "destroy"}},
            "command: `action.do`: invalid value 'destroy'",
        ),
        (Command, OF_COMMAND | {"action": {"alert": "a"}}, "command: `action.do` is missing"),
        (Command, OF_COMMAND | {"action": {"do": "resolve"}}, "command: `action.alert` is missing"),
        (
            Command,
            OF_COMMAND | {"action": {"do": "put", "type": "rule", "name": "n"}},
            "`action.body` is missing",
        ),
        (
            Command,
            OF_COMMAND | {"action": {"do": "delete", "type": "rule", "name": "n"}},
            "`action.revision`",
        ),
        (Command, {"id": "c", "at": 1, "team": "t", "by": {"admin": True}}, "command: `by.name` is missing"),
        (
            ConfigRevision,
            {"id": "d", "at": 1, "owner": "t", "type": "rule", "name": "n", "revision": None, "body": None},
            "config: `revision`",
        ),
        (Event, {"id": "e", "at": 1, "gateway": "", "source": "s", "type": "x"}, "event: `gateway`"),
        (Event, {"id": "e", "at": 1, "gateway": "a|b", "source": "s", "type": "x"}, "event: `gateway`"),
    ],
)
def test_what_does_not_fit_is_refused(kind: type[Message], message: dict[str, Any], words: str) -> None:
    """The kind and the first field that does not fit are named, from a decoded body as from bytes."""
    word = "event" if kind is Event else kind.__struct_config__.tag
    raw = orjson.dumps({"kind": word, **message})
    for way in [partial(kind.read, message)] + ([] if kind is Event else [partial(kind.parse, raw)]):
        with pytest.raises(Refused) as refused:
            way()
        assert words in str(refused.value)


def test_what_is_too_long_is_refused_unread() -> None:
    """A message over the bound is not even looked at."""
    with pytest.raises(Refused, match="split it"):
        Tick.parse(b" " * (LARGEST + 1))


@pytest.mark.parametrize("body", [{"processed": 4}, {}, {"processed": "another shape"}])
def test_a_newer_schema_stops(body: dict[str, Any]) -> None:
    """What is too new for us is never taken for wrong, whatever its shape has become."""
    message = {"kind": "tick", "id": "t", "at": 5, "schema": SCHEMA + 1, **body}
    with pytest.raises(NewerSchema, match="update it first"):
        Tick.parse(orjson.dumps(message))


@pytest.mark.parametrize(
    "raw", [b'{"kind":"tick"', b' {"kind":"tick"}', b'{"id":1,"kind":"tick"}', b"", b"[]"]
)
def test_a_kind_is_known_by_the_first_bytes_only(raw: bytes) -> None:
    """Bytes of ours begin with their kind; whatever begins otherwise is read in another way."""
    assert kind_of(raw) == ("tick" if raw.startswith(b'{"kind":"tick"') else "")


ACTIONS: list[Action] = [
    Acknowledge(alert="f", alert_id="a", notes="n"),
    Resolve(alert="f"),
    PutDocument(type="rule", name="r", body={"name": "r"}),
    DeleteDocument(type="rule", name="r", revision=3),
]


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.do)
def test_an_action_is_taken_for_no_other(action: Action) -> None:
    """Each says by its word what it is, and comes back as what it was."""
    message = Command.read(OF_COMMAND | {"action": {**orjson.loads(orjson.dumps(_body(action)))}})
    assert message.action == action
    assert type(message.action) is type(action)


def _body(action: Action) -> dict[str, Any]:
    return {"do": action.do} | {name: getattr(action, name) for name in action.__struct_fields__}
