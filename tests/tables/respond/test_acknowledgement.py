"""Acknowledgements that end, under crashes."""

from __future__ import annotations

import pytest

from tables.respond.machine import Respond
from tests.tables.respond.harness import Crowd
from tests.tables.torture import Log, faults, plain

STEP = 20_000  # ms between ticks: near enough that time counts


def logged() -> Log:
    """Fifty critical alerts fire in two waves, are acknowledged, and again; and two hours pass."""
    crowd = Crowd()
    for n in range(400):
        if n == 1:
            list(crowd.verdicts(40, 1))
        if n == 20:
            list(crowd.verdicts(50, 1))
        if n in (10, 30, 100):
            crowd.acknowledge()
        crowd.wait(STEP)
    return crowd.log


@pytest.mark.parametrize("seed", range(5))
def test_an_end_under_torture(seed: int) -> None:
    """However often the machine dies, each alert is held, held longer and let go of once."""
    log = logged()
    said = [output.raw for output in plain(Respond, log)[0]]
    for what, times in (("acknowledged", 50), ("extended", 50), ("unacknowledged", 50), ("reminder", 1)):
        assert sum(f'"what":"{what}"'.encode() in raw and b'"kind":"change"' in raw for raw in said) >= times
    assert faults(Respond, log, seed) == []
