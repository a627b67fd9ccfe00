"""`python -m agents detect|respond|deliver`: one worker of one stage, in the foreground, until SIGTERM.

SIGTERM and Ctrl-C hand over: rows are written out and the offset is committed. SIGUSR1 does the same and leaves
the group for good, for a worker that is not to come back. Exit codes: `agents.exits`.

`python -m agents rebase STAGE` lets a stage go on with the log that there is now, after an alarm that its rows
belong to another one (docs/law-of-state.md). `python -m agents partitions STAGE COUNT` gives a stage more partitions
(docs/operate.md).
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

from agents.exits import Exit, finish
from agents.log import configure
from agents.worker.pulse import EVERY, touch
from agents.worker.rebase import rebase
from agents.worker.run import machine_of, run, signer_of
from streams.errors import Forged, Misconfigured, NewerSchema, Rewound
from streams.settings import Settings
from streams.topics import STAGES


def rest(pulse: str) -> int:
    """Touch the pulse file and do nothing else until we are told to stop, since alerting is off; the exit code, 0."""
    ends = {signal.SIGTERM, signal.SIGINT, signal.SIGUSR1}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    logging.getLogger("tocsin.worker").warning("alerting is off: MCPGATEWAY_ALERTING_ENABLED")
    while signal.sigtimedwait(ends, EVERY) is None:
        touch(pulse)
    return 0


def main() -> int:
    """Do what the words of the command line say; the exit code, 78 and a sentence where the operator has to act."""
    try:
        settings = Settings.read(os.environ, lambda path: Path(path).read_text())
        match sys.argv[1:]:
            case [stage] if stage in STAGES:
                configure(settings.log_level, stage=stage, slot=settings.slot)
                return run(stage, settings, machine_of(stage)) if settings.enabled else rest(settings.pulse)
            case ["rebase", stage] if stage in STAGES:
                print("\n".join(asyncio.run(rebase(stage, settings, signer_of(settings)))))
                return 0
            case ["partitions", stage, *_] if stage in STAGES:
                from agents.repartition.verb import partitions  # late: a worker starts quicker without it

                work = partitions(sys.argv[2:], settings, signer_of(settings), machine_of(stage))
                print("\n".join(asyncio.run(work)))
                return 0
        raise Misconfigured(
            f"say which stage to run: python -m agents [rebase|partitions] {'|'.join(STAGES)}"
        )
    except (Misconfigured, Forged, NewerSchema, Rewound) as why:  # forged: the manifest, by others' keys
        print(f"tocsin: {why}", file=sys.stderr)
        return Exit.OPERATOR


if __name__ == "__main__":
    finish(main())
