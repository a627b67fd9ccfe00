"""A model of a group's mean: what it is a mean of changes, and that alone is no anomaly."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from streams.documents import registry
from streams.telemetry import samples
from tables.detect.anomaly.means import NOBODY
from tables.world import World

START = 1_764_547_200_000
MINUTE = 60_000
LEVELS = {"a": 0.1, "b": 0.4, "c": 2.5}
Present = Callable[[str, int], bool]


def alerts(present: Present, minutes: int = 400, rise: int | None = None) -> list[int]:
    """The minutes at which a rule on a mean fired; `present`: who comes in which minute; `rise`: when all double."""
    rule = {
        "name": "r",
        "anomaly": "call_seconds",
        "by": [],
        "minimum_history": "2h",
        "for": "0s",
        "direction": "both",
    }
    rnd, world = random.Random(3), World([registry.read("rule", rule)], START, tick=10_000)
    for minute in range(minutes):
        at, factor = START + MINUTE * minute, 1.0 if rise is None or minute < rise else 2.0
        frame: dict[str, Any] = {
            f'call_seconds{{upstream="{name}"}}': level * factor * rnd.gauss(1.0, 0.05)
            for name, level in LEVELS.items()
            if present(name, minute)
        } | {"other": 1.0}
        for raw in samples.frame("g", "s", at, list(frame), list(frame.values())):
            world.say(at, "telemetry", "g", raw)
    world.advance(START + MINUTE * minutes)
    fired = [one["at"] for one in world.timeline if one["what"] == "fired" and one["rule"] == "r"]
    return [(at - START) // MINUTE for at in fired]


@pytest.mark.parametrize(
    "present",
    [
        lambda name, minute: name != "c" or minute < 200,  # leaves for good
        lambda name, minute: name != "c" or minute >= 200,  # comes late
        lambda name, minute: name != "c" or minute % 7 != 0,  # misses every seventh frame
        lambda name, minute: name != "c" or minute // 40 % 2 == 0,  # leaves and comes back, again and again
        lambda name, minute: name != ("c" if minute < 200 else "a"),  # one takes the place of another
    ],
    ids=["leaves", "comes", "misses", "flaps", "replaced"],
)
def test_who_leaves_or_comes_is_no_anomaly(present: Present) -> None:
    """Although the mean is a tenth, or ten times, of what it was."""
    assert alerts(present) == []


def test_a_rise_after_that_is_found() -> None:
    """What is left goes on being watched, with what was learned of its noise."""
    assert alerts(lambda name, minute: name != "c" or minute < 200, rise=300) == [300]


def test_a_part_that_is_lost_changes_no_member() -> None:
    """The frame is complete with the next one's first part, when its members have moved on: they are the same."""
    rule = {"name": "m", "anomaly": "cpu", "by": ["zone"], "over": "2s", "minimum_history": "60s"}
    world, count = World([registry.read("rule", rule)], START), samples.PART + 500
    texts = [f'cpu{{n="{n:04}",zone="{"a" if n < 10 else "b"}"}}' for n in range(count)]
    for n in range(6):
        at = START + 2_000 * n
        parts = list(samples.frame("g", "s", at, texts, [1.0 + 0.01 * n] * count))
        for raw in parts[:1] if n == 4 else parts:
            world.say(at, "telemetry", "g", raw)
        world.advance(at + 1_990)
    (row,) = world.machines["detect"].scan_sorted("model/g")
    seen = [members for _, _, members in row.value.entries[0].seen()]
    assert len(seen) == 6
    assert NOBODY not in seen
    assert len(set(seen)) == 1
