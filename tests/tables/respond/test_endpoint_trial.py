"""A test of an endpoint goes the way of every notification, is labelled as one, and concerns no alert."""

from __future__ import annotations

from typing import Any

import pytest

from streams.documents import registry
from streams.messages.attempt import Attempt
from streams.messages.command import Command, Principal, TryEndpoint
from streams.topics import INBOX
from tables.respond.endpoint_trial import USEFUL, trial_id
from tables.world import Answer, World
from tests.tables.respond.harness import START

HOOK = registry.read("endpoint", {"name": "hook", "team": "t", "url": "sealed:x"})


def tried(
    receiver: Any = lambda _: Answer(), name: str = "hook", by: Principal | None = None, times: int = 1
) -> list[dict[str, Any]]:
    """What happens where anna tries an endpoint."""
    world = World([HOOK], START, receiver)
    anna = by or Principal(name="anna", teams=("t",))
    world.advance(START + 2_000)
    for _ in range(times):
        command = Command(id="c1", at=world.now, team="t", by=anna, action=TryEndpoint(name=name))
        world.tell(world.now, INBOX, "t", command)
        world.advance(world.now + 60_000)
    return [entry for entry in world.timeline if entry["at"] >= START + 2_000]


def test_it_is_called_once_and_labelled() -> None:
    """With an id of the command's, of no severity that wakes anybody; a repeat of the command calls nobody."""
    seen: list[Attempt] = []

    def receive(attempt: Attempt) -> Answer:
        seen.append(attempt)
        return Answer(reason="hooks.example answered 204")

    timeline = tried(receive, times=2)
    (attempt,) = seen
    said = attempt.notification
    assert (said.id, said.what, said.severity, said.to) == (trial_id("c1"), "test", "info", "endpoint/t/hook")
    assert "anna tries the endpoint hook: nothing is wrong" in said.alerts[0].message
    assert [entry["what"] for entry in timeline if entry["subject"] == "alert"] == []
    (over,) = [entry for entry in timeline if entry["subject"] == "notification"]
    assert (over["what"], "hooks.example answered 204" in over["reason"]) == ("delivered", True)


def test_it_ends_when_nobody_waits_any_more() -> None:
    """A receiver that is busy is not called an hour later."""
    calls: list[int] = []

    def receive(attempt: Attempt) -> Answer:
        calls.append(attempt.notification.deadline)
        return Answer("retry", "busy")

    timeline = tried(receive)
    assert len(calls) == 3
    (over,) = [entry for entry in timeline if entry["subject"] == "notification"]
    assert (over["what"], over["at"] <= START + 2_000 + USEFUL + 2_000) == ("failed", True)


@pytest.mark.parametrize(
    ("name", "by", "words"),
    [
        ("other", None, "team t has no endpoint other"),
        ("hook", Principal(name="eve", teams=("u",)), "eve is not in team 't'"),
    ],
)
def test_refused(name: str, by: Principal | None, words: str) -> None:
    """What does not exist, and what is not theirs; nobody is called."""
    timeline = tried(name=name, by=by)
    (answer,) = [entry for entry in timeline if entry["subject"] == "command"]
    assert (answer["what"], words in answer["reason"]) == ("refused", True)
    assert [entry for entry in timeline if entry["subject"] == "call"] == []
