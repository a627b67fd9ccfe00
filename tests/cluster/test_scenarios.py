"""The timetables of tests/scenarios once more, with real workers on a real Kafka in place of the World's machines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tables.scenario import Play, unmet
from tables.stages import STAGES
from tests.chaos.ground import Ground
from tests.chaos.verdict import judge
from tests.cluster.cluster import Cluster
from tests.cluster.scenario_file import read, words

pytestmark = pytest.mark.cluster
CHOSEN = (
    "counters",
    "delivery",
    "demonstration-is-isolated",
    "frame-in-parts",
    "group-in-one-frame",
    "missing-data",
    "outage-of-ours",
    "page-until-acknowledged",
    "poison-values",
    "route-by-severity",
    "rules-change",
    "severity-and-recovery",
    "throttled",
)


@pytest.fixture
def cluster(ground: Ground) -> Iterator[Callable[..., Cluster]]:
    """Makes the cluster of a timetable, and leaves nothing running."""
    made: list[Cluster] = []

    def make(*arguments: Any) -> Cluster:
        made.append(Cluster(ground, *arguments))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize("name", CHOSEN)
def test_scenario(name: str, ground: Ground, cluster: Callable[..., Cluster]) -> None:
    """What is expected comes out of Kafka, as out of the World; and replay equals live, byte for byte."""
    table = read(name)
    play = Play(table, cluster)
    timeline = play.run()
    assert [why for expectation in table.expect if (why := unmet(expectation, timeline))] == []
    assert words(timeline) == words(Play(table).run())
    assert isinstance(play.world, Cluster)
    assert play.world.end() == [0, 0, 0]
    verdict = judge(asyncio.run(ground.dumps()), ground.signer, STAGES, play.world.ledger)
    assert verdict["missing"] == verdict["unexplained"] == 0
    assert {stage: said["faults"] for stage, said in verdict["stages"].items()} == dict.fromkeys(STAGES, 0)
    away = "away" in {step.action for step in table.steps}
    again = bool(verdict["stages"]["detect"]["duplicates"])
    assert away or play.world.restarts or not again
    assert again or not away
