"""`python -m agents detect|respond|deliver`: one worker of one stage, in the foreground, until SIGTERM.

SIGTERM and Ctrl-C hand over: rows are written out and the offset is committed. SIGUSR1 does the same and leaves
the group for good, for a worker that is not to come back. Exit codes: `agents.exits`.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from pathlib import Path

from agents.exits import Exit
from agents.log import configure
from agents.worker import machine_of, run
from streams.errors import Misconfigured
from streams.settings import Settings
from streams.topics import STAGES


def rest(stage: str) -> int:
    """Alerting is switched off: own nothing, judge nothing, send nothing, until we are told to stop."""
    logging.getLogger("tocsin.worker").warning("alerting is off: MCPGATEWAY_ALERTING_ENABLED", extra={"stage": stage})
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    return 0


def main() -> int:
    """Run the worker; what the operator has to change is one sentence and exit code 78."""
    try:
        if len(sys.argv) != 2 or sys.argv[1] not in STAGES:
            raise Misconfigured(f"say which stage to run: python -m agents {'|'.join(STAGES)}")
        stage = sys.argv[1]
        settings = Settings.read(os.environ, lambda path: Path(path).read_text())
        configure(settings.log_level, stage=stage, slot=settings.slot)
        if not settings.enabled:
            return rest(stage)
        return run(stage, settings, machine_of(stage))
    except Misconfigured as why:
        print(f"tocsin: {why}", file=sys.stderr)
        return Exit.OPERATOR


if __name__ == "__main__":
    sys.exit(main())
