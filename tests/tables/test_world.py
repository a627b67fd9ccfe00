"""The World: three machines in memory, the same every time."""

from __future__ import annotations

from streams.documents import registry
from streams.messages.attempt import Attempt
from streams.telemetry import samples
from tables.world import Answer, World

START = 1_764_547_200_000
DOCUMENTS = [
    registry.read("rule", {"name": "r", "last": "cpu", "above": 5, "for": "0s", "severity": "critical"})
]


def frames(count: int) -> list[tuple[int, str, str, bytes]]:
    """A breach, second by second."""
    ats = [START + 1_000 * n for n in range(count)]
    return [(at, "telemetry", "g", raw) for at in ats for raw in samples.frame("g", "s", at, ["cpu"], [9.0])]


def test_the_same_inputs_give_the_same_bytes() -> None:
    """Two runs have the same log and the same timeline."""
    one, two = World(DOCUMENTS, START), World(DOCUMENTS, START)
    assert one.run(frames(5), START + 60_000) == two.run(frames(5), START + 60_000)
    assert one.log == two.log


def test_time_in_pieces_is_time_at_once() -> None:
    """How often it is advanced does not show."""
    one, two = World(DOCUMENTS, START), World(DOCUMENTS, START)
    one.run(frames(5), START + 60_000)
    two.run(frames(5), START)
    for n in range(60):
        two.advance(START + 1_000 * n + 500)
    two.advance(START + 60_000)
    assert one.timeline == two.timeline


def test_a_receiver_decides_what_becomes_of_an_attempt() -> None:
    """It sees each attempt, and an outcome that never comes is tried again."""
    seen: list[Attempt] = []

    def receive(attempt: Attempt) -> Answer | None:
        seen.append(attempt)
        return None if attempt.number == 1 else Answer()

    world = World(DOCUMENTS, START, receive)
    world.run(frames(3), START + 50_000)
    assert [(attempt.number, attempt.channel) for attempt in seen] == [(1, "log"), (2, "log")]
    assert seen[0].notification.id == seen[1].notification.id


def test_everybody_takes_by_default() -> None:
    """Without a receiver of one's own, one call is made."""
    timeline = World(DOCUMENTS, START).run(frames(3), START + 60_000)
    assert [entry["what"] for entry in timeline if entry["subject"] == "call"] == ["firing"]
