"""Rules that record: their values are series that other rules read, whatever crashes; none goes round in a circle."""

from __future__ import annotations

import random
from typing import Any

import pytest

from streams.documents import registry
from streams.documents.recorded import flaws, loop
from streams.documents.rule import Rule
from streams.errors import Refused
from streams.messages.envelope import decode
from streams.telemetry import samples
from streams.topics import TELEMETRY
from tables.detect.machine import Detect
from tables.world import World
from tests.tables.detect.harness import START
from tests.tables.torture import Log, faults, plain

SHARE: dict[str, Any] = {
    "name": "share", "ratio": 'calls{r="e"} / calls', "by": ["tool"], "over": "10s", "record": "tool:errors:ratio",
}  # fmt: skip
FLEET: dict[str, Any] = {"name": "fleet", "last": "load", "record": "gateway:load:last", "record_to": "fleet"}


def rule(**body: Any) -> Rule:
    """A rule of the platform."""
    read = registry.read("rule", body)
    assert isinstance(read, Rule)
    return read


def recorded(world: World) -> list[tuple[str, str, int, dict[str, float]]]:
    """Gateway, source, instant and values of what was recorded."""
    found = []
    for _, topic, gateway, raw in world.log:
        body = decode(raw) if topic == TELEMETRY else {}
        if str(body.get("source", "")).startswith("recording"):
            values = dict(zip(body["series"], body["values"], strict=True))
            found.append((gateway, body["source"], body["at"] - START, values))
    return found


def heard(world: World, seconds: int, gateways: dict[str, dict[str, float]]) -> None:
    """Each second these gateways say so."""
    for at in range(world.now, world.now + 1_000 * seconds, 1_000):
        for gateway, series in gateways.items():
            for raw in samples.frame(gateway, "s", at, list(series), list(series.values())):
                world.say(at, TELEMETRY, gateway, raw)
        world.advance(at + 999)
    world.advance(world.now + 1)


def test_others_read_it() -> None:
    """The share of a group is a series of the gateway, with the labels of the group; another rule fires by it."""
    reads = {"name": "high", "max": "tool:errors:ratio", "over": "10s", "above": "20%", "for": "0s"}
    world = World([registry.read("rule", body) for body in (SHARE, reads)], START)
    for second in range(12):
        calls = {'calls{r="e",tool="a"}': 2.0 * second, 'calls{r="o",tool="a"}': 2.0 * second}
        heard(world, 1, {"g": calls | {'calls{r="o",tool="b"}': 1.0 * second}})
    gateway, source, _, values = recorded(world)[-1]
    assert (gateway, source) == ("g", "recording")
    assert values == {'tool:errors:ratio{tool="a"}': 0.5, 'tool:errors:ratio{tool="b"}': 0.0}
    fired = [entry for entry in world.timeline if entry.get("what") == "fired"]
    assert [(entry["rule"], "tool a" in entry["message"]) for entry in fired] == [("high", True)]


def test_over_several_gateways() -> None:
    """What two gateways record to a third one says where it comes from, and is judged together."""
    mean = {"avg": "gateway:load:last", "over": "10s", "by": [], "for": "0s"}
    rules = [FLEET, {"name": "mean", "above": 4, **mean}, {"name": "more", "above": 5, **mean}]
    world = World([registry.read("rule", body) for body in rules], START)
    heard(world, 5, {"b": {"load": 2.0}})
    heard(world, 30, {"a": {"load": 7.0}, "b": {"load": 2.0}})
    assert [entry["rule"] for entry in world.timeline if entry.get("what") == "fired"] == ["mean"]
    assert {(gateway, source) for gateway, source, *_ in recorded(world)} == {
        ("fleet", "recording/a"), ("fleet", "recording/b"),
    }  # fmt: skip
    assert {text for *_, values in recorded(world) for text in values} == {
        'gateway:load:last{origin="a"}', 'gateway:load:last{origin="b"}',
    }  # fmt: skip


def test_its_silence_is_told_once() -> None:
    """Where a gateway falls silent, what is recorded of it is silent too, and nobody hears that beside the other."""
    world = World([registry.read("rule", SHARE)], START)
    heard(world, 30, {"g": {"calls": 1.0}})
    world.advance(START + 600_000)
    told = [entry.get("rule") for entry in world.timeline if entry.get("what") == "fired"]
    assert len(told) <= 1


def test_a_circle_is_refused_with_its_path() -> None:
    """However long it is; a rule that only reads closes none."""
    a = rule(name="a", last="c:x", record="a:x")
    b = rule(name="b", avg="a:x", over="1m", record="b:x")
    c = rule(name="c", ratio="y / b:x", over="1m", record="c:x", record_to="other")
    reader = rule(name="reader", last="c:x", above=1)
    assert loop(a, [b, reader]) == []
    assert loop(c, [a, b, reader]) == ["c", "a", "b", "c"]
    ((field, says),) = flaws(c, [a, b, reader])
    assert (field, "c → a → b → c" in says) == ("record", True)
    assert loop(rule(name="own", last="o:x", record="o:x"), []) == ["own", "own"]
    assert "records a:x too" in flaws(rule(name="twin", last="z", record="a:x"), [a])[0][1]
    assert flaws(rule(name="twin", last="z", record="a:x", record_to="fleet"), [a]) == []


def test_a_circle_that_came_about_records_nothing() -> None:
    """Two teams may close one at the same time: detect lets it stand still, and goes on when it is open."""
    first = {"name": "first", "last": "x", "record": "a:x"}
    world = World([registry.read("rule", first)], START)
    heard(world, 3, {"g": {"x": 1.0, "b:x": 1.0}})
    for name, body in (
        ("first", {"last": "b:x", "record": "a:x"}),
        ("second", {"last": "a:x", "record": "b:x"}),
    ):
        world.configure("platform", "rule", name, 2, registry.read("rule", {"name": name, **body}).body())
    world.advance(world.now + 1_000)
    before = len(recorded(world))
    heard(world, 5, {"g": {"x": 1.0, "b:x": 1.0}})
    assert len(recorded(world)) == before > 0
    world.configure("platform", "rule", "second", 3, None)
    heard(world, 3, {"g": {"x": 1.0, "b:x": 2.0}})
    assert recorded(world)[-1][-1] == {"a:x": 2.0}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"record": "errors"}, "`record`"), ({"record_to": "fleet"}, "say `record` too"),
        ({"record": "a:b", "team": "payments"}, "only rules of the platform"),
        ({"record": "a:b", "last": None, "event": "login"}, "`record` belongs"),
        ({"record": "a:b", "last": None, "anomaly": "x"}, "`record` belongs"),
        ({"record": "a:b", "last": None, "composite": "a and b"}, "`record` is said of series"),
        ({"record": "a:b", "recover": 3}, "exactly one of `above`"),
        ({}, "exactly one of `above`"),
    ],
)  # fmt: skip
def test_what_cannot_be_recorded(body: dict[str, Any], says: str) -> None:
    """It is refused with its field."""
    with pytest.raises(Refused) as refused:
        registry.read(
            "rule", {name: value for name, value in ({"name": "r", "last": "x"} | body).items() if value}
        )
    assert says in str(refused.value)


def test_it_may_have_a_threshold_too() -> None:
    """Then it is a rule like any other, whose values are recorded besides."""
    body = {"name": "both", "last": "load", "record": "load:now", "above": 5, "for": "0s"}
    world = World([registry.read("rule", body)], START)
    heard(world, 3, {"g": {"load": 7.0}})
    assert [entry["rule"] for entry in world.timeline if entry.get("what") == "fired"] == ["both"]
    assert recorded(world)[-1][-1] == {"load:now": 7.0}


def log_of(seed: int, seconds: int = 120) -> Log:
    """What detect's partition holds: series that come and go, what is recorded of them, and rules that are edited."""
    rnd = random.Random(seed)
    reads = {"name": "high", "max": "tool:errors:ratio", "over": "5s", "above": 0.4, "for": "1s"}
    fleet = {"name": "many", "last": "gateway:load:last", "above": 3, "for": "0s", "keep_firing_for": "0s"}
    rules = [SHARE, reads, FLEET, fleet]
    world, counts = World([registry.read("rule", body) for body in rules], START), dict[str, float]()
    for at in range(START, START + 1_000 * seconds, 1_000):
        for gateway in "ab":
            values = {"load": rnd.choice([1.0, 5.0])}
            for text in (f'calls{{r="{r}",tool="{tool}"}}' for r in "eo" for tool in "xy"):
                counts[gateway + text] = counts.get(gateway + text, 0) + rnd.choice([0, 1, 4])
                values |= {text: counts[gateway + text]} if rnd.random() < 0.9 else {}
            for raw in samples.frame(gateway, "s", at, list(values), list(values.values())):
                world.say(at, TELEMETRY, gateway, raw)
        if rnd.random() < 0.05:
            body = rnd.choice(rules) | rnd.choice([{"enabled": "no"}, {"enabled": "yes"}])
            world.configure(
                "platform", "rule", body["name"], at - START + 2, registry.read("rule", body).body()
            )
        world.advance(at + 999)
    return [(stamp, raw) for stamp, name, _, raw in world.log if name == TELEMETRY]


@pytest.mark.parametrize("seed", range(2))
def test_torture(seed: int) -> None:
    """What is recorded, and what other rules say of it, is the same after any crash."""
    log = log_of(seed)
    undisturbed = out, _ = plain(Detect, log)
    assert sum(output.topic == TELEMETRY and b"recording" in output.raw for output in out) > 50
    assert faults(Detect, log, seed, undisturbed=undisturbed) == []


@pytest.mark.parametrize("source", ["recording", "recording/b"])
def test_its_name_is_nobody_elses(source: str) -> None:
    """What a producer says as `recording` is a dead letter that says so; what rules record is taken."""
    high = {"name": "high", "last": "load", "above": 5, "for": "0s"}
    world = World([registry.read("rule", body) for body in (FLEET, high)], START)
    for raw in samples.frame("a", source, START + 1_000, ["load"], [9.0]):
        world.say(START + 1_000, TELEMETRY, "a", raw)
    heard(world, 5, {"b": {"load": 2.0}})
    assert [entry for entry in world.timeline if entry.get("what") == "fired"] == []
    assert ("fleet", "recording/b") in {(gateway, name) for gateway, name, *_ in recorded(world)}
    letters = [entry["reason"] for entry in world.timeline if entry.get("subject") == "dead-letter"]
    assert len(letters) == 1
    assert "give the producer another name" in letters[0]
