"""A series that is seen late does not bring its whole life into a model."""

from __future__ import annotations

from streams.documents import registry
from streams.telemetry import samples
from tables.world import World

START = 1_764_547_200_000
RULE = {"name": "r", "anomaly": "calls_total", "by": [], "minimum_history": "2h", "for": "0s"}


def test_a_large_counter_that_appears_is_no_anomaly() -> None:
    """Its first value is what it counted before we saw it: nothing of that happened now."""
    world, counted = World([registry.read("rule", RULE)], START), [0.0, 0.0]
    for n in range(360):
        world.advance(START + 30_000 * n)
        counted = [value + 300 + (n * 7 + k * 3) % 11 for k, value in enumerate(counted)]
        late = [7e6] if n >= 330 else []
        series = [f'calls_total{{n="{k}"}}' for k in range(2 + len(late))]
        for raw in samples.frame("g", "bridge/metrics", world.now, series, counted + late):
            world.say(world.now, "telemetry", "g", raw)
    assert [one for one in world.timeline if one["subject"] == "alert"] == []
