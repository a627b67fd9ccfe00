"""A trial in a process of its own: what it may cost is bounded, and it ends when nobody waits for it any more."""

from __future__ import annotations

import resource
import signal
from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Event
from time import monotonic
from typing import Any

from api.trials.trial import TrialInput, Tried, tried
from streams.documents.document import Owned
from streams.documents.registry import read
from streams.errors import Broken, Refused

SECONDS = 60  # of processor time, and of waiting half as much again
MEMORY = 1 << 30  # bytes
ENDED = (-signal.SIGXCPU, -signal.SIGKILL)  # how a limit ends a process
STARVED = (-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS)  # how libraries in C end where memory is refused
LOOK = 0.1  # seconds between two looks whether somebody still waits
TOO_LONG = f"the trial takes more than {SECONDS} s: take fewer series, or a shorter time; `tocsin backtest` takes any"
TOO_LARGE = f"the trial needs more than {MEMORY >> 20} MB: take fewer series, or a shorter time"
GONE = "nobody waits for this trial any more"
_processes = get_context("forkserver")  # a server that has loaded the machines: a trial starts at once
_processes.set_forkserver_preload(["tables.world", "api.trials.trial"])


def tried_apart(
    documents: Sequence[Owned],
    messages: Sequence[TrialInput],
    until: int,
    stopped: Event,
    limits: tuple[int, int] = (SECONDS, MEMORY),
) -> Tried:
    """As `tried`, in another process; Refused where it costs more than the limits, or once `stopped` is set."""
    receiver, sender = _processes.Pipe(duplex=False)
    bodies = [(document.type, document.body()) for document in documents]  # as they travel everywhere
    work = (sender, bodies, list(messages), until, limits)
    process = _processes.Process(target=_work, args=work, daemon=True)
    process.start()
    sender.close()
    try:
        return _outcome(receiver, stopped, monotonic() + 1.5 * limits[0])
    except EOFError:  # it was ended before it could say anything
        process.join()
        if process.exitcode in ENDED:
            raise Refused(TOO_LONG) from None
        if process.exitcode in STARVED:
            raise Refused(TOO_LARGE) from None
        raise Broken(f"the process of a trial has ended with {process.exitcode}") from None
    finally:
        process.kill()
        process.join()
        receiver.close()


def _outcome(receiver: Connection, stopped: Event, deadline: float) -> Tried:
    while not receiver.poll(LOOK):
        if stopped.is_set():
            raise Refused(GONE)
        if monotonic() > deadline:
            raise Refused(TOO_LONG)
    outcome = receiver.recv()
    if isinstance(outcome, Tried):
        return outcome
    raise outcome


def _work(
    sender: Connection,
    bodies: Sequence[tuple[str, dict[str, Any]]],
    messages: Sequence[TrialInput],
    until: int,
    limits: tuple[int, int],
) -> None:
    """What the other process does."""
    seconds, memory = limits
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (memory, most))
    outcome: Tried | Exception
    try:
        outcome = tried([read(kind, body) for kind, body in bodies], messages, until)
    except MemoryError:
        outcome = Refused(TOO_LARGE)
    except Exception as why:  # noqa: BLE001  # whatever it is, it is raised again where somebody waits
        outcome = why
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))  # to say what became of it takes a little as well
    sender.send(outcome)
