"""One worker on a host of another name: `python -m tests.agents.host HOST STAGE now|0.1`.

The name is what Python says that the host's name is, as in a container. Release 0.1 let Faust put it into the
address that travels in the group's assignment; with `0.1` the worker does so too.
"""

from __future__ import annotations

import os
import socket
import sys

from yarl import URL

from agents.exits import finish
from streams.settings import Settings


def main() -> int:
    """Run the worker on the tally machines until it is told to stop."""
    host, stage, release = sys.argv[1:]
    socket.gethostname = lambda: host
    from agents.log import configure
    from agents.worker.app import StageApp  # late: Faust asks for the host's name when it is imported
    from agents.worker.run import WorkerFactory, run
    from agents.worker_config import WorkerConfig
    from tests.agents.tally import MACHINES

    settings = Settings.read(os.environ)
    configure(settings.log_level, stage=stage, slot=settings.slot)

    def build(config: WorkerConfig) -> StageApp:
        app = StageApp(config)
        if release == "0.1":
            app.conf.canonical_url = URL(f"http://{host}:6066")
        return app

    return run(stage, settings, MACHINES[stage], WorkerFactory(build))


if __name__ == "__main__":
    finish(main())
