"""A trial in a process of its own: what it may cost is bounded, and it ends when nobody waits for it any more."""

from __future__ import annotations

import resource
import signal
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Event
from time import monotonic

from api.trials.trial import Report, nobody
from api.trials.trial_task import TrialOutcome, TrialTask, carried_out
from streams.errors import Broken, Refused

SECONDS = 60  # of processor time, and of waiting half as much again
MEMORY = 1 << 30  # bytes
ENDED = (-signal.SIGXCPU, -signal.SIGKILL)  # how a limit ends a process
STARVED = (-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS)  # how libraries in C end where memory is refused
LOOK = 0.1  # seconds between two looks whether somebody still waits
HUNDREDTH = 0.01  # by so much a trial goes on before it says so
TOO_LONG = f"the trial takes more than {SECONDS} s: take fewer series, or a shorter time; `tocsin backtest` takes any"
TOO_LARGE = f"the trial needs more than {MEMORY >> 20} MB: take fewer series, or a shorter time"
GONE = "nobody waits for this trial any more"
_processes = get_context("forkserver")  # a server that has loaded the machines: a trial starts at once
_processes.set_forkserver_preload(
    ["tables.world", "api.trials.trial_task", "api.coverage.recorded_telemetry"]
)


def tried_apart(
    task: TrialTask, stopped: Event, report: Report = nobody, limits: tuple[int, int] = (SECONDS, MEMORY)
) -> TrialOutcome:
    """The task, carried out in another process; Refused where it costs more than the limits, or `stopped` is set."""
    receiver, sender = _processes.Pipe(duplex=False)
    process = _processes.Process(target=_work, args=(sender, task, limits), daemon=True)
    process.start()
    sender.close()
    try:
        return _outcome(receiver, stopped, report, monotonic() + 1.5 * limits[0])
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


def _outcome(receiver: Connection, stopped: Event, report: Report, deadline: float) -> TrialOutcome:
    while True:
        while not receiver.poll(LOOK):
            if stopped.is_set():
                raise Refused(GONE)
            if monotonic() > deadline:
                raise Refused(TOO_LONG)
        match receiver.recv():
            case float(done):
                report(done)
            case TrialOutcome() as outcome:
                return outcome
            case why:
                raise why
        if stopped.is_set():
            raise Refused(GONE)


class _Teller:
    """Tells the other end of a pipe how far it is, a hundredth at a time."""

    def __init__(self, sender: Connection) -> None:
        self._sender, self._told = sender, 0.0

    def __call__(self, done: float) -> None:
        if done >= self._told + HUNDREDTH:
            self._told = done
            self._sender.send(float(done))


def _work(sender: Connection, task: TrialTask, limits: tuple[int, int]) -> None:
    """What the other process does."""
    seconds, memory = limits
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (memory, most))
    outcome: TrialOutcome | Exception
    try:
        outcome = carried_out(task, _Teller(sender))
    except MemoryError:
        outcome = Refused(TOO_LARGE)
    except Exception as why:  # noqa: BLE001  # whatever it is, it is raised again where somebody waits
        outcome = why
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))  # to say what became of it takes a little as well
    sender.send(outcome)
