"""A series that two sources send belongs to one of them; what the other says is not taken, and it is told."""

from __future__ import annotations

import random
from typing import Any

import pytest

from streams.messages.event import STOPPED, Event
from streams.messages.verdict import Verdicts
from streams.telemetry import samples
from streams.topics import INBOX
from tables.detect.machine import Detect
from tables.detect.series.slot_history import Terms
from tests.tables.detect.alone import START, Life

GROWS: dict[str, Any] = {"name": "r", "increase": "c_total", "over": "5m", "above": 50, "for": "0s"}
TERMS = Terms(unheard=60_000, rest=600_000, sweep=30_000, late=30_000)
LATE = 600_000  # ms; so much longer than usual an owner may be silent about a series


class Sources(Life):
    """A life in which two sources send the same counter; `told`: what was said, by rule and severity."""

    def __init__(self) -> None:
        """Nothing has been said."""
        super().__init__()
        self.told: list[tuple[str, str]] = []
        self.bytes: list[bytes] = []

    def apply(self, raw: bytes) -> None:
        """One message, and what is said of it."""
        for output in self.machine.apply(self.machine.head.seen + 1, self.now, raw):
            self.bytes.append(output.raw)
            if output.topic == INBOX:
                verdicts = Verdicts.parse(output.raw).verdicts
                self.told += [(one.rule, one.severity if one.state == "firing" else "") for one in verdicts]

    def hear(self, source: str, value: float | None, start: float = 0.0) -> None:
        """A whole frame of a source, in which the counter may be missing."""
        values = {"process_start_time_seconds": start, "alive": 1.0}
        values |= {} if value is None else {'c_total{n="a"}': value}
        for raw in samples.frame("g", source, self.now, list(values), list(values.values())):
            self.apply(raw)

    def restart(self) -> None:
        """Another machine goes on from the rows of this one."""
        rows = [(key, raw) for key, raw in self.machine.snapshot() if raw is not None]
        kept = self.stored = {**getattr(self, "stored", {}), **dict(rows)}
        self.machine = Detect("d-0", self.signer, kept.items())


@pytest.mark.parametrize(
    "rule",
    [
        GROWS,
        GROWS | {"increase": None, "rate": "c_total", "above": 0.2},
        GROWS | {"increase": None, "ratio": "c_total / c_total", "above": 2, "by": "n"},
        GROWS | {"increase": None, "changes": "c_total", "above": 1},
        GROWS | {"increase": None, "delta": "c_total", "above": 50},
        GROWS | {"increase": None, "delta": "c_total", "above": None, "below": -50},
        GROWS | {"by": "gateway"},
        GROWS | {"increase": None, "max": "c_total", "above": 50},
    ],
)
def test_what_another_source_says_is_not_taken(rule: dict[str, Any]) -> None:
    """Whatever a rule makes of the series; and it is told once."""
    life = Sources()
    life.put({name: value for name, value in rule.items() if value is not None})
    for n in range(30):
        life.pass_until(life.now + 15_000)
        life.hear(*(("a", 5.0, 1.0) if n % 2 == 0 else ("b", 5_000.0, 2.0)))
    assert life.told == [("tocsin-series-shared", "info")]


def heard_until_lost() -> Sources:
    """`a` sends first, then `b` does too, and `a` falls silent."""
    life = Sources()
    life.put(GROWS)
    for n in range(10):
        life.pass_until(life.now + 15_000)
        life.hear("b" if n % 2 else "a", 5_000.0 + n if n % 2 else 5.0)
    while ("tocsin-telemetry-lost", "warning") not in life.told:
        life.pass_until(life.now + 20_000)
        life.hear("b", 5_100.0)
    return life


def test_where_the_owner_is_lost_another_takes_over() -> None:
    """What it shows first is a level; what it counts from then on is growth."""
    life = heard_until_lost()
    life.pass_until(life.now + 20_000)
    life.hear("b", 5_110.0)
    assert not life.firing('n="a"')
    life.pass_until(life.now + 20_000)
    life.hear("b", 5_151.0)
    assert life.firing('n="a"')
    assert ("tocsin-series-shared", "") in life.told


@pytest.mark.parametrize("by", [{}, {"by": ["gateway"]}])
@pytest.mark.parametrize("of", [{"rate": "c_total", "below": 0.14}, {"sum": "c_total", "below": 112}])
def test_a_take_over_is_no_fall(by: dict[str, Any], of: dict[str, Any]) -> None:
    """What nobody sent between the last value of the one and the first of the other was not watched."""
    life, told = Sources(), list[bool]()
    life.put({"name": "r", "over": "10m", "for": "0s", "keep_firing_for": "0s"} | of | by)
    for n in range(200):
        life.pass_until(life.now + 10_000)
        value = 2.0 if "sum" in of else 1.5 * n
        if n < 90:
            life.hear("a", value)
        life.hear("b", value + 7_000 * ("rate" in of))
        told.append(life.firing(""))
    assert ("tocsin-telemetry-lost", "warning") in life.told
    assert ("tocsin-series-shared", "") in life.told
    assert not any(told)


def test_who_comes_back_finds_its_series_with_another() -> None:
    """It is the one now whose values are not taken."""
    life = heard_until_lost()
    life.pass_until(life.now + 20_000)
    life.hear("b", 5_100.0)
    before = len(life.told)
    life.hear("a", 9_000.0)
    life.pass_until(life.now + 20_000)
    life.hear("b", 5_101.0)
    assert not life.firing('n="a"')
    assert ("tocsin-series-shared", "info") in life.told[before:]


def test_an_owner_that_leaves_one_series_gives_it_away() -> None:
    """It is alive, and sends others: after a while the series and its instance are another's."""
    life = Sources()
    life.put(GROWS | {"missing": "alert", "missed": 2})
    life.pass_until(life.now + 15_000)
    life.hear("a", 5.0)
    left = life.now
    while life.now - left < LATE + 240_000:
        life.pass_until(life.now + 15_000)
        life.hear("b", 7.0)
        life.hear("a", None)
    assert life.machine.rows["series/g/00000"].value.origins.names == ("b",)
    assert life.machine.rows["instance/g/00000"].value.sources == ("b",)
    assert ("tocsin-series-shared", "") in life.told


@pytest.mark.parametrize("seed", range(12))
def test_a_restart_decides_nothing(seed: int) -> None:
    """Whoever goes on from the rows says the same, to the byte."""
    chance = random.Random(seed)
    steps = [
        (chance.choice("aab"), chance.choice([None, 1.0, 70.0, 500.0]), chance.random()) for _ in range(150)
    ]
    lives = Sources(), Sources()
    for life, restarts in zip(lives, (False, True), strict=True):
        life.put(GROWS)
        for source, value, fate in steps:
            life.pass_until(life.now + (15_000 if fate < 0.95 else 300_000))
            life.hear(source, value)
            if restarts and fate < 0.3:
                life.restart()
    assert lives[0].bytes == lives[1].bytes
    assert lives[0].now > START


def brought_back(restarts: bool) -> Sources:
    """`b` leaves a series that a group has too, `a` is stopped, and `b` gets the group; then `a` brings the series."""
    life = Sources()
    life.machine.terms = TERMS

    def apply(raw: bytes) -> None:
        life.apply(raw)
        if restarts:
            life.restart()
            life.machine.terms = TERMS

    def hear(source: str, *names: str) -> None:
        life.pass_until(life.now + 15_000)
        series = ["alive", *(f'c_total{{n="{name}"}}' for name in names)]
        for raw in samples.frame("g", source, life.now, series, [1.0] * len(series)):
            apply(raw)

    life.put({"name": "fires", "last": "c_total", "above": 0, "for": "0s"})
    life.put(GROWS | {"name": "together", "by": ["gateway"]}, 2)
    hear("a", "z")
    hear("b", "left")
    hear("b")
    apply(Event(id="x", at=life.now, gateway="g", source="a", type=STOPPED, attributes={}).encode())
    hear("b", "new")
    for _ in range(60):
        hear("b", "new")
    hear("a", "left")
    hear("a", "left", "more")
    return life


def test_who_brings_a_series_back_has_its_instance() -> None:
    """Whether the machine goes on or begins anew from its rows."""
    for life in (brought_back(False), brought_back(True)):
        block = life.machine.rows["instance/g/00000"].value
        found = {key: source for (_, key), source in zip(block.keys, block.sources, strict=True)}
        assert (found['c_total{n="left"}'], found['{gateway="g"}']) == ("a", "b")
