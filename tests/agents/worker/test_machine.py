"""Which machine a worker runs, and what it does not load for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from agents.worker.run import machine_of
from tables.stages import STAGES
from tests.layout import ROOT


def test_each_stage_has_its_machine() -> None:
    """The same as whoever needs all of them has."""
    assert {stage: machine_of(stage) for stage in STAGES} == STAGES


@pytest.mark.parametrize("stage", STAGES)
def test_a_worker_starts_without_the_machines_of_the_others(stage: str) -> None:
    """All start at once, and processors are scarce by then."""
    program = f"import sys, agents.__main__ as main; main.machine_of({stage!r}); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert {other for other in STAGES if f"tables.{other}.machine" in loaded} == {stage}
