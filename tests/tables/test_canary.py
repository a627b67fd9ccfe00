"""A canary goes the whole way of an alert, whatever holds for people; and nobody but its own receiver hears of it."""

from __future__ import annotations

from typing import Any

import pytest

from streams.canary.names import EVENT, recipient
from streams.documents import registry
from streams.errors import Refused
from streams.messages.attempt import Attempt
from streams.messages.event import Event
from streams.topics import CHANGES, STAGES, TELEMETRY
from tables.world import Answer, World
from tests.tables.torture import faults

START, SECOND = 1_764_547_200_000, 1_000
NAME = "tocsin-canary-7"
LOUD: list[tuple[str, dict[str, Any]]] = [
    ("endpoint", {"name": "phone", "channel": "ntfy", "topic": "x"}),
    ("endpoint", {"name": "default", "channel": "ntfy", "topic": "y"}),
    ("endpoint", {"name": "webhook", "channel": "ntfy", "topic": "z"}),
    ("route", {"name": "all", "to": "endpoint/phone", "continue": True}),
    ("silence", {"name": "critical", "covers": "severity=critical", "ends": "2026-01-01T00:00:00Z", "owner": "anna",
     "reason": "so"}),
    ("maintenance", {"name": "all", "covers": "everything", "starts": "2025-11-01 00:00", "lasts": "90d",
     "time_zone": "UTC", "reason": "so"}),
]  # fmt: skip


class Flown:
    """A World with documents that concern everything, and canaries in it; `failing`: their receiver is away."""

    def __init__(self) -> None:
        self.attempts: list[Attempt] = []
        self.failing = False
        self.world = World([registry.read(kind, body) for kind, body in LOUD], START, self._receive)
        self.world.advance(START + 2 * SECOND)

    def _receive(self, attempt: Attempt) -> Answer:
        self.attempts.append(attempt)
        return Answer("retry", "away") if self.failing else Answer()

    def fly(self, id: str, seconds: int = 30, **fields: Any) -> None:
        """One flies, and so long passes."""
        known: dict[str, Any] = {"gateway": NAME, "source": "canary", "type": EVENT, "attributes": {}}
        event = Event(id=id, at=self.world.now, **known | fields)
        self.world.say(self.world.now, TELEMETRY, event.gateway, event.encode())
        self.world.advance(self.world.now + seconds * SECOND)

    @property
    def told(self) -> list[tuple[str, str, str]]:
        """To whom, what, of which canary, in their order."""
        return [
            (each.notification.to, each.notification.what, each.notification.title) for each in self.attempts
        ]


@pytest.fixture
def flown() -> Flown:
    """Nothing has flown yet."""
    return Flown()


def test_each_arrives_and_is_over(flown: Flown) -> None:
    """At once and by the urgent topic; its end five seconds later, which takes ticks; again and again."""
    to = recipient(NAME, "webhook")
    for n in range(5):
        flown.fly(f"c{n}")
    assert flown.told == [(to, what, f"c{n}") for n in range(5) for what in ("firing", "resolved")]
    first, over = flown.attempts[:2]
    assert (first.channel, first.notification.severity) == ("webhook", "critical")
    assert first.notification.at - (START + 2 * SECOND) < SECOND
    assert 5 * SECOND <= over.notification.at - first.notification.at <= 7 * SECOND


def test_the_products_memory_keeps_nothing(flown: Flown) -> None:
    """No line, no alert: so no list, no history and no mean time has it."""
    flown.fly("c0")
    assert [entry for entry in flown.world.timeline if entry["subject"] != "call"] == []
    assert [topic for _, topic, _, _ in flown.world.log if topic == CHANGES] == []


def test_a_receiver_that_is_away_troubles_nobody(flown: Flown) -> None:
    """No circuit opens and no alert of ours is raised, however long; the first one after it arrives."""
    flown.failing = True
    for n in range(20):
        flown.fly(f"c{n}")
    flown.failing = False
    flown.world.advance(flown.world.now + 600 * SECOND)
    flown.attempts.clear()
    flown.fly("back")
    assert {to for to, _, _ in flown.told} == {recipient(NAME, "webhook")}
    assert (recipient(NAME, "webhook"), "firing", "back") in flown.told
    assert [entry for entry in flown.world.timeline if entry["subject"] != "call"] == []


@pytest.mark.parametrize("channel", ["email", "sms", "none", 7])
def test_it_goes_by_the_channel_that_is_asked_for(flown: Flown, channel: Any) -> None:
    """However often: it is not throttled. What is no channel goes as usual."""
    for n in range(6):
        flown.fly(f"c{n}", 8, attributes={"channel": channel})
    known = channel if channel in ("email", "sms") else "webhook"
    assert {attempt.channel for attempt in flown.attempts} == {known}
    assert [title for _, what, title in flown.told if what == "firing"] == [f"c{n}" for n in range(6)]


@pytest.mark.parametrize("fields", [{"gateway": "prod"}, {"gateway": "tocsin-canary-x"}, {"type": "other"}])
def test_nothing_else_is_one(flown: Flown, fields: dict[str, Any]) -> None:
    """An event of another gateway, or of another type, lets nothing fly."""
    flown.fly("c", **fields)
    assert flown.attempts == []


def test_no_document_and_no_upstream_belongs_to_one() -> None:
    """What it concerned would not be remembered."""
    with pytest.raises(Refused, match=f"{NAME} is a name that Tocsin keeps"):
        registry.read("endpoint", {"name": "x", "channel": "ntfy", "topic": "x", "team": NAME})


@pytest.mark.parametrize("stage", ["detect", "respond", "deliver"])
def test_it_flies_on_over_every_crash(flown: Flown, stage: str) -> None:
    """However often a machine dies in between, it says what an undisturbed one does."""
    for n in range(6):
        flown.failing = n == 3
        flown.fly(f"c{n}", 9, gateway=f"tocsin-canary-{n % 2}")
    log = [(at, raw) for at, topic, _, raw in flown.world.log if topic == STAGES[stage]]
    for seed in range(3):
        assert faults(type(flown.world.machines[stage]), log, seed) == []
