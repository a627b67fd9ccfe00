"""What senders get wrong: each is one clear alert or refusal that names the thing, and nothing else stops."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from streams.documents.registry import read
from streams.messages.event import Event
from streams.telemetry.samples import frame
from streams.topics import INBOX, TELEMETRY
from tables.detect.machine import Detect
from tables.detect.series.slot_history import Terms
from tables.world import World

START, HOUR = 1_764_547_200_000, 3_600_000
RULES = [
    {"name": "hot", "last": "heat", "above": 5, "for": 0},
    {"name": "grows", "increase": "jobs", "over": "1m", "above": 1_000, "for": 0},
]


def world() -> World:
    """Two rules, and a second in which nothing happens."""
    made = World([read("rule", rule) for rule in RULES], START)
    made.advance(START + 1_000)
    return made


def sends(world: World, second: int, series: dict[str, float], gateway: str = "prod", off: int = 0) -> None:
    """A frame at a second; `off`: ms by which the sender's clock is wrong."""
    at = START + second * 1_000
    for raw in frame(gateway, "s", at + off, list(series), list(series.values())):
        world.say(at, TELEMETRY, gateway, raw)


def told(world: World, what: str, second: int) -> list[dict[str, Any]]:
    """What the timeline says of a kind until a second."""
    world.advance(START + second * 1_000)
    return [entry for entry in world.timeline if entry["what"] == what]


def goes_on(world: World, second: int) -> None:
    """Another gateway's rule still judges."""
    sends(world, second, {"heat": 9.0}, "other")
    fired = [entry for entry in told(world, "fired", second + 2) if entry.get("gateway") == "other"]
    assert [entry["rule"] for entry in fired] == ["hot"]


def test_an_event_of_a_megabyte() -> None:
    """It goes to the dead letters, which say how large it is and how large it may be."""
    played = world()
    event = Event(
        id="e", at=START, gateway="prod", source="mine", type="login", attributes={"x": "y" * (1 << 20)}
    )
    raw = orjson.dumps({"kind": "event", "schema": 1, **orjson.loads(_spelled(event))})
    played.say(START + 2_000, TELEMETRY, "prod", raw)
    played.advance(START + 3_000)
    (letter,) = [entry for entry in played.timeline if entry["subject"] == "dead-letter"]
    assert f"message of {len(raw)} bytes" in letter["reason"]
    goes_on(played, 5)


def _spelled(event: Event) -> bytes:
    fields = ("id", "at", "gateway", "source", "type", "attributes")
    return orjson.dumps({name: getattr(event, name) for name in fields})


def test_a_counter_that_becomes_a_gauge() -> None:
    """What falls is a restart to a counter: one alert names the rule and the series, and no other rule is touched."""
    played = world()
    for second, value in enumerate((10, 20, 700, 30, 650, 20, 800, 10), 2):
        sends(played, second * 5, {"jobs": float(value), "heat": 1.0})
    fired = told(played, "fired", 60)
    assert [(entry["rule"], entry["gateway"]) for entry in fired] == [("grows", "prod")]
    goes_on(played, 62)


def test_a_metric_that_becomes_a_histogram() -> None:
    """Its old series is not there any more: what fired is not known, and says for how many frames nothing came."""
    played = world()
    sends(played, 2, {"heat": 9.0})
    for second in range(7, 60, 5):
        sends(played, second, {'heat_bucket{le="1"}': 3.0, "heat_count": 3.0, "heat_sum": 1.0})
    assert [entry["rule"] for entry in told(played, "fired", 60)] == ["hot"]
    assert told(played, "resolved", 60) == []
    goes_on(played, 62)


@pytest.mark.parametrize(("off", "side"), [(HOUR, "1h ahead of"), (-HOUR, "1h behind")])
def test_a_clock_that_is_an_hour_off(off: int, side: str) -> None:
    """Its samples count when they come, and the alert says whose clock it is and by how much."""
    played = world()
    sends(played, 2, {"heat": 9.0}, off=off)
    assert [entry["rule"] for entry in told(played, "fired", 4)] == ["hot"]
    verdicts = [raw for _, topic, _, raw in played.log if topic == INBOX and b'"verdicts"' in raw]
    assert f"the clock of s is {side} ours".encode() in verdicts[0]
    goes_on(played, 5)


def test_series_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound of a gateway new series are refused: one alert names the metric, and what is known goes on."""
    monkeypatch.setattr(Detect, "terms", Terms(most=300))
    played = world()
    sends(played, 2, {"heat": 1.0})
    for second in range(3, 10):
        sends(played, second, {f'heat{{n="{second}-{n}"}}': 1.0 for n in range(100)} | {"heat": 1.0})
    sends(played, 12, {"heat": 9.0})
    fired = told(played, "fired", 14)
    assert {entry["rule"] for entry in fired} == {"tocsin-series-bound", "hot"}
    (bound,) = [entry for entry in fired if entry["rule"] == "tocsin-series-bound"]
    assert "heat 300" in bound["message"]
    goes_on(played, 15)
