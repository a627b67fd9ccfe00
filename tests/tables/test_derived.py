"""What a machine derives from its rows is the same for the living machine and for one that has just begun."""

from __future__ import annotations

import random
from functools import cache

import pytest

from streams.signature import Signer
from tables.stages import STAGES
from tables.world import KEY
from tests.tables.derived import derived, rebuilt
from tests.tables.torture import logs

known_logs = cache(logs)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_machine_from_its_rows_equals_the_living_one(stage: str, seed: int) -> None:
    """At any point of a random life, index, deadlines, rules, debts, indices and plans."""
    machine, store, rnd = STAGES[stage]("p-0", Signer([KEY])), dict[str, bytes](), random.Random(seed)
    for offset, (stamp, raw) in enumerate(known_logs(seed, 150, unusual=True, churn=seed != 1)[stage]):
        machine.apply(offset, stamp, raw)
        if rnd.random() < 0.03:
            again = derived(rebuilt(machine, store))
            for what, living in derived(machine).items():
                assert again[what] == living, what
