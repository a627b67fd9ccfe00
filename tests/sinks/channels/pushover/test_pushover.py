"""Pushover's own: how loud, limits, and what falls silent when."""

from __future__ import annotations

from typing import Any

import pytest

from sinks.channels.pushover.channel import Pushover
from sinks.channels.pushover.payload import form
from sinks.outcome import Delivered, Retry
from streams.channels.pushover import PushoverEndpoint
from streams.documents.registry import read
from streams.errors import Refused
from tests.sinks.channels.pushover.case import RECEIPT, TAKEN, TOKEN, USER, fields, fields_of
from tests.sinks.harness import closing, resources
from tests.sinks.receiver import Receiver, Request, responding

ENDPOINT = PushoverEndpoint(name="p", channel="pushover", token=TOKEN, user=USER)


def formed(attempt: Any, **more: Any) -> dict[str, str]:
    """The form of one attempt."""
    return fields_of(Request("", {}, form(attempt, ENDPOINT, **more)))


@pytest.mark.parametrize(
    ("what", "severity", "priority"),
    [
        ("firing", "critical", "2"),
        ("reminder", "critical", "2"),
        ("bundle", "critical", "2"),  # several are no less than one
        ("bundle", "warning", "0"),
        ("firing", "warning", "0"),
        ("firing", "info", "-1"),
        ("test", "info", "0"),
        ("resolved", "critical", "-1"),
    ],
)
def test_priority(attempt: Any, what: str, severity: str, priority: str) -> None:
    """Critical sounds until somebody has it, and says how often and how long; what is over wakes nobody."""
    got = formed(attempt(what=what, severity=severity))
    assert got["priority"] == priority
    assert ("retry" in got, "expire" in got) == (priority == "2", priority == "2")


@pytest.mark.parametrize(("size", "whole"), [(512, True), (513, False)])
def test_an_address_is_whole_or_left_out(attempt: Any, size: int, whole: bool) -> None:
    """Pushover takes so many characters of an address; a longer one would lead nowhere."""
    link = "https://t.example/".ljust(size, "x")
    assert (formed(attempt(), link=link).get("url") == link) is whole


@pytest.mark.parametrize("extra", [0, 1])
def test_limit(attempt: Any, extra: int) -> None:
    """So many characters of a message stay as they are; one more is cut with a mark."""
    rest = len(formed(attempt(message=""))["message"]) + 1  # and the line break behind the words
    got = formed(attempt(message="x" * (1_024 - rest + extra), labels={"upstream": "x"}))["message"]
    assert len(got) <= 1_024
    assert got.endswith("…") == bool(extra)


async def sent(attempt: Any, *scripts: str) -> tuple[Any, list[str]]:
    """What came of an attempt, and the paths that were called."""
    async with Receiver(answer=TAKEN, script=list(scripts)).listening() as receiver:
        async with closing(resources()) as shared:
            body = {"name": "p", "channel": "pushover", **fields(receiver)}
            answer = await Pushover(shared).send(attempt(body))
        return answer, [request.line.split()[1] for request in receiver.got]


async def test_the_receipt_is_the_reference(attempt: Any) -> None:
    """By its receipt it is asked for whether somebody acknowledged; what sounds no longer has none."""
    answer, _ = await sent(attempt)
    assert isinstance(answer, Delivered)
    assert answer.reference == RECEIPT


async def test_one_sounds_at_a_time(attempt: Any) -> None:
    """Told again, the message before falls silent after the new one was taken."""
    _, paths = await sent(lambda endpoint: attempt(endpoint, what="reminder", reference="r" * 30))
    assert paths == ["/1/messages.json", f"/1/receipts/{'r' * 30}/cancel.json"]


@pytest.mark.parametrize(("what", "count"), [("acknowledged", 1), ("resolved", 2)])
async def test_silenced_by_the_group(attempt: Any, what: str, count: int) -> None:
    """Who acknowledges elsewhere silences every device; what is over is told once more, quietly."""
    answer, paths = await sent(lambda endpoint: attempt(endpoint, what=what))
    assert isinstance(answer, Delivered)
    assert len(paths) == count
    assert "cancel_by_tag/group%3D" in paths[0]


async def test_what_cannot_be_silenced_is_tried_again(attempt: Any) -> None:
    """Before it says that all is over, the sound has to end."""
    answer, paths = await sent(lambda endpoint: attempt(endpoint, what="resolved"), responding("500 Oops"))
    assert isinstance(answer, Retry)
    assert len(paths) == 1


@pytest.mark.parametrize(
    ("field", "value"), [("sound_every", "29s"), ("sound_for", "181m"), ("token", "short"), ("device", "a b")]
)
def test_refused_by_name(field: str, value: str) -> None:
    """What Pushover would refuse is refused before, with the field."""
    body = {"name": "p", "team": "t", "channel": "pushover", "token": TOKEN, "user": USER, field: value}
    try:
        flaws = read("endpoint", body).flaws()  # type: ignore[attr-defined]
    except Refused as why:
        flaws = [(field, str(why))]
    assert [name for name, _ in flaws] == [field]
