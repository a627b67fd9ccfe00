"""What the stages say to each other: readable by those who know less or more."""

from __future__ import annotations

import pytest

from streams.errors import Refused
from streams.messages.attempt import Outcome
from streams.messages.command import Command
from streams.messages.config import ConfigRevision
from streams.messages.envelope import decode
from streams.messages.event import Event
from streams.messages.tick import Tick


def test_a_message_reads_back() -> None:
    """The bytes of a message are the message."""
    tick = Tick(id="t", at=5, processed=4, by="w")
    assert Tick.read(decode(tick.encode())) == tick


def test_an_unknown_field_is_ignored() -> None:
    """Shapes may grow: older readers go on."""
    assert Tick.read({"kind": "tick", "id": "t", "at": 5, "processed": 4, "later": 1}).processed == 4


@pytest.mark.parametrize(
    ("kind", "message", "words"),
    [
        (Tick, {"id": "t", "at": 5}, "tick: `processed`"),
        (Tick, {"id": "t", "at": "x", "processed": 4}, "tick: `at`"),
        (
            Outcome,
            {"id": "o", "at": 1, "to": "e", "notification": "n", "number": 1, "result": "maybe"},
            "outcome: `result`",
        ),
        (Command, {"id": "c", "at": 1, "do": "destroy"}, "command: `do`"),
        (
            ConfigRevision,
            {"id": "d", "at": 1, "owner": "t", "type": "rule", "name": "n", "revision": None},
            "config: `revision`",
        ),
        (Event, {"id": "e", "at": 1, "gateway": "", "source": "s", "type": "x"}, "event: `gateway`"),
        (Event, {"id": "e", "at": 1, "gateway": "a|b", "source": "s", "type": "x"}, "event: `gateway`"),
    ],
)
def test_what_does_not_fit_is_refused(kind: type[Tick], message: dict[str, object], words: str) -> None:
    """The kind and the first field that does not fit are named."""
    with pytest.raises(Refused, match=words):
        kind.read(message)
