"""A source that falls silent says why, where its bridge knows it."""

from __future__ import annotations

from streams.documents import registry
from streams.messages.event import LOST, STOPPED, Event
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


def frame(world: World, source: str, values: dict[str, float]) -> None:
    """A source speaks."""
    for raw in samples.frame("g", source, world.now, list(values), list(values.values())):
        world.say(world.now, "telemetry", "g", raw)


def stop(world: World, source: str) -> None:
    """A source says that it will not be heard again."""
    event = Event(id=f"stop {source}", at=world.now, gateway="g", source=source, type=STOPPED, attributes={})
    world.say(world.now, "telemetry", "g", event.encode())


def told(world: World, rule: str) -> list[str]:
    """What was said of the alerts of a rule of ours."""
    return [
        e["what"] for e in world.timeline if e.get("rule") == f"tocsin-{rule}" and e["subject"] == "alert"
    ]


def test_nobody_alternates_who_was_stopped() -> None:
    """That counters of a source come from several processes is over with the source."""
    world = World([registry.read("rule", {"name": "r", "last": "a", "above": "5"})], START)
    for n in range(6):
        world.advance(START + 15_000 * n)
        frame(world, "s", {"process_start_time_seconds": START / 1_000 - 9_000 + n % 2 * 1_000})
    assert told(world, "counters-untrusted") == ["fired"]
    stop(world, "s")
    world.advance(world.now + 60_000)
    assert told(world, "counters-untrusted") == ["fired", "resolved"]


def test_silence_is_no_longer_explained_by_one_who_was_stopped() -> None:
    """Who said that the gateway does not answer is gone, and whether it does is not known: others are missed again."""
    world = World([registry.read("rule", {"name": "r", "last": "a", "above": "5"})], START)
    for n in range(5):
        world.advance(START + 15_000 * n)
        frame(world, "bridge/health", {"gateway_up": 0.0})
        frame(world, "s", {"a": 1.0})
    stop(world, "bridge/health")
    world.advance(world.now + 180_000)
    assert told(world, "telemetry-lost") == ["fired"]
