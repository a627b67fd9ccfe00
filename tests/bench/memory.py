"""Resident memory of detect, with all series: settled, after a write-out, and after a start from the changelog."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

from tests.bench.account import memory
from tests.bench.bridge import RAMP
from tests.bench.catcher import Catcher
from tests.bench.cpu import targets
from tests.bench.load import Load, rules
from tests.bench.options import Options
from tests.bench.ours import READY, Ours
from tests.chaos.process import Process

SETTLED, WRITTEN = (
    15.0,
    30.0,
)  # seconds: some frames of all; and as long as a write-out of every partition takes at most


def measure(options: Options) -> dict[str, Any]:
    """MB (10⁶ bytes) at each of the three moments."""
    load = Load(options.gateways, options.series)
    with (
        targets(options.folder, load) as (port, _),
        Catcher() as catcher,
        Ours(options.folder, catcher.port) as ours,
    ):
        found: dict[str, Any] = {"series": load.rate, "empty": _of(ours)}
        ours.configure(rules())
        ours.run("bridge", "tests.bench.bridge", str(port), str(load.gateways))
        time.sleep(load.gateways / RAMP + SETTLED)
        found["settled"] = _of(ours)
        time.sleep(WRITTEN)
        found["written_out"] = _of(ours)
        found["restart_ready_s"] = _restart(ours, options.folder)
        found["restarted_from_changelog"] = _of(ours)
        time.sleep(WRITTEN)
        found["restarted_written_out"] = _of(ours)
        ours.alive()
        return found


def _of(ours: Ours) -> dict[str, float]:
    return memory(ours.pids["detect"])


def _restart(ours: Ours, folder: Path) -> float:
    """Start detect again without its local rows; seconds until it owns its partitions."""
    detect: Process = ours.processes["detect"]
    detect.end()
    shutil.rmtree(folder / "state", ignore_errors=True)
    began = time.monotonic()
    detect.start()
    detect.until(READY["detect"])
    took = time.monotonic() - began
    time.sleep(SETTLED)
    return round(took, 2)
