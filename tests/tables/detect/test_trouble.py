"""A source that falls silent says why, where its bridge knows it."""

from __future__ import annotations

from streams.documents import registry
from streams.messages.event import LOST, Event
from streams.telemetry import samples
from tables.world import World

START = 1_764_547_200_000


def test_the_reason_stands_in_the_alert() -> None:
    """Whoever is woken because we are blind reads the status and the fix, not only that nothing comes."""
    world = World([registry.read("rule", {"name": "r", "last": "a", "above": "5"})], START)
    for n in range(5):
        world.advance(START + 15_000 * n)
        for raw in samples.frame("g", "bridge/metrics", world.now, ["a"], [1.0]):
            world.say(world.now, "telemetry", "g", raw)
    told = {"status": "401", "fix": "give it a new token"}
    event = Event(id="e", at=world.now, gateway="g", source="bridge", type=LOST, attributes=told)
    world.say(world.now + 1_000, "telemetry", "g", event.encode())
    world.advance(world.now + 180_000)
    assert "(401: give it a new token)" in str(world.timeline)
