"""Lives in which the stages get more partitions are told as if nothing had happened."""

from __future__ import annotations

from functools import partial

import pytest

from tables.scenario import Play, unmet
from tests.tables.repartition.grown import Grown, read, words
from tests.tables.repartition.storm import SEVERITIES, TEAMS, compare

CHOSEN = (
    "anomaly-dismissed",
    "brief-again-while-away",
    "compared-with-an-hour-earlier",
    "composite",
    "contact-later",
    "counters",
    "delivery",
    "endpoint-fails",
    "event-absent",
    "event-counted",
    "inhibition",
    "maintenance-overlaps",
    "throttled",
)
SHARES = (0.4, 0.75)  # of a timetable after which there are four, and eight partitions


@pytest.mark.parametrize("name", CHOSEN)
def test_nobody_hears_of_a_growth(name: str) -> None:
    """Every line of the timeline comes once, at its instant, with its reason; from 2 partitions to 4, and to 8."""
    table = read(name)
    grows = {
        table.start + round(table.until * share): count for share, count in zip(SHARES, (4, 8), strict=True)
    }
    play = Play(table, partial(Grown, grows=grows))
    timeline = play.run()
    assert words(timeline) == words(Play(table).run())
    assert [why for expectation in table.expect if (why := unmet(expectation, timeline))] == []
    assert isinstance(play.world, Grown)
    assert {len(partitions.machines) for partitions in play.world.partitions.values()} == {8}


def test_a_storm_while_stages_grow() -> None:
    """Open alerts, silences, acknowledgements, snoozes, steps under way: nothing is lost, doubled or moved."""
    storm = compare(200)
    assert storm.differences == []
    assert storm.open_alerts == 200
    assert storm.calls.keys() == {"firing", "escalated", "resolved"}
    assert storm.calls["escalated"] > TEAMS * len(SEVERITIES)
