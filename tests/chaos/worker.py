"""One worker of the shell for tests: `python -m tests.chaos.worker STAGE tally|product [fault …]`.

Here, and nowhere in the product, a worker can be made to stop, to hold or to die at a chosen point of a write-out,
or to go without its fence (`tests.chaos.faults`).
"""

from __future__ import annotations

import os
import sys

from agents.exits import finish
from agents.log import configure
from agents.worker.app import StageApp
from agents.worker.run import WorkerFactory, machine_of, run
from agents.worker.watchdog import Limits
from agents.worker_config import WorkerConfig
from streams.settings import Settings
from tests.agents.tally import MACHINES
from tests.chaos.faults import BUILDS


def main() -> int:
    """`fault`: a name of `tests.chaos.faults.BUILDS` and its arguments."""
    stage, machines, *fault = sys.argv[1:]
    settings = Settings.read(os.environ)
    configure(settings.log_level, stage=stage, slot=settings.slot)

    def build(config: WorkerConfig) -> StageApp:
        return BUILDS[fault[0]](config, fault[1:]) if fault else StageApp(config)

    patient = Limits(pulse=300.0, tick=300.0)  # a watchdog would end a zombie before it can do any damage
    factory = WorkerFactory(build, patient if fault else Limits())
    return run(stage, settings, MACHINES[stage] if machines == "tally" else machine_of(stage), factory)


if __name__ == "__main__":
    finish(main())
