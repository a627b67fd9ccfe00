"""What tests of detect share: a gateway that lives in a World, and what a model is asked about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from streams.documents import registry
from streams.documents.rule import Rule
from streams.telemetry import samples
from streams.topics import TELEMETRY
from tables.detect.aggregate.compiled_rule import CompiledRule
from tables.detect.anomaly.anomaly_target import AnomalyTarget, subject
from tables.detect.machine import Detect
from tables.detect.series.slot_history import Terms
from tables.world import World

START = 1_764_547_200_000
STEP = 30_000
HOUR = 4 * STEP  # a day of the tests: so many ticks stand for an hour
SHORT = Terms(unheard=24 * HOUR, rest=6 * HOUR, sweep=6 * HOUR, late=STEP)
HIGH = {"name": "high", "last": "cpu", "above": 5, "for": "0s", "keep_firing_for": "0s"}


class Life:
    """A gateway that is heard every half minute, ticks as far apart."""

    def __init__(self, *rules: dict[str, Any], terms: Terms = SHORT) -> None:
        """`terms`: those of the tests, where a day is not as long."""
        self.world = World([registry.read("rule", rule) for rule in rules], START, tick=STEP)
        self.detect = self.world.machines["detect"]
        assert isinstance(self.detect, Detect)
        self.detect.terms = terms

    def hear(self, hours: float, series: dict[str, float], source: str = "s") -> None:
        """So long, these series come with these values; nothing at all where there are none."""
        for at in range(self.world.now, self.world.now + round(hours * HOUR), STEP):
            for raw in samples.frame("g", source, at, list(series), list(series.values())) if series else ():
                self.world.say(at, TELEMETRY, "g", raw)
            self.world.advance(at + STEP - 1)
        self.world.advance(self.world.now + 1)

    def slots(self, level: str) -> list[str]:
        """What holds a slot of a level, sorted."""
        found: list[str] = []
        for row in self.detect.scan_sorted(level):
            names: Iterable[Any] = (
                row.value.texts if level == "series" else (key[-1] for key in row.value.keys)
            )
            found += [name for slot, name in enumerate(names) if slot not in row.value.history.left]
        return sorted(found)

    def told(self, rule: str) -> list[str]:
        """What was said of the alerts of a rule."""
        return [e["what"] for e in self.world.timeline if e.get("rule") == rule and e["subject"] == "alert"]


def asked(**body: Any) -> AnomalyTarget:
    """What a model of such a rule is asked about."""
    rule = registry.read("rule", {"name": "r", "anomaly": "cpu", "over": "1m", **body})
    assert isinstance(rule, Rule)
    return subject(CompiledRule(rule), "cpu")
