"""How a worker ends when it must not go on: at once, with a code that says why; and when it has stopped in order.

A worker that cannot be sure of its state must own nothing. It does not try to mend itself: it ends, the
supervisor starts it again, and the replay puts everything right.
"""

from __future__ import annotations

import logging
import os
import sys
from enum import IntEnum
from typing import NoReturn, Protocol

log = logging.getLogger("tocsin.exit")


class Exit(IntEnum):
    """Exit codes; 78 tells the supervisor that a restart would only repeat the message."""

    WRITE = 70  # rows or outputs could not be written
    GAP = 71  # a message was lost on the way to the machine: it is read again
    BROKER = 72  # Kafka was away for longer than a worker waits
    FENCE = 73  # another worker owns the partition, or ownership could not be made sure
    STUCK = 74  # the watchdog saw no progress
    BROKEN = 75  # our own code, or stored state, is in a state that it must not reach
    OPERATOR = 78  # the operator has to act: see the message


class Leave(Protocol):
    """Ends the process; a parameter wherever it is used, so that tests can look on."""

    def __call__(self, code: Exit, why: str) -> NoReturn:
        """`why` is one sentence for the log."""
        ...


def leave(code: Exit, why: str) -> NoReturn:
    """End this process now, without any clean-up that could still write."""
    log.error("worker ends", extra={"code": int(code), "exit": code.name.lower(), "why": why})
    finish(code)


def finish(code: int) -> NoReturn:
    """End this process by an exit code, whatever threads are left: Faust may leave one behind that never ends.

    To take its modules apart would cost half a second besides.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
