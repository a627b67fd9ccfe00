"""A trial in processes of its own: what it may cost is bounded, and it ends when nobody waits for it any more."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Event, Lock
from time import monotonic

from api.trials.trial import Report, nobody
from api.trials.trial_task import RunOutcome, TrialOutcome, TrialRun, TrialTask, carried_out
from streams.errors import Broken, Refused

SECONDS = 60  # of processor time
HANGS = 10  # times that: however much else the machine does, what is not over then will never be
MEMORY = 1 << 30  # bytes
ENDED = (-signal.SIGXCPU, -signal.SIGKILL)  # how a limit ends a process
STARVED = (-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS)  # how libraries in C end where memory is refused
LOOK = 0.1  # seconds between two looks whether somebody still waits
BUFFER = 64 << 20  # bytes; what a parser asks for at once stays below it
NICE = 5  # what judges and delivers goes first
HUNDREDTH = 0.01  # by so much a trial goes on before it says so
TOO_LONG = (
    f"the trial takes more than {SECONDS} s of a processor: take fewer series, or a shorter time; "
    "`tocsin backtest` takes any"
)
TOO_LARGE = f"the trial needs more than {MEMORY >> 20} MB: take fewer series, or a shorter time"
GONE = "nobody waits for this trial any more"
_processes = get_context("forkserver")  # a server that has loaded the machines: a trial starts at once
_processes.set_forkserver_preload(
    ["tables.world", "api.trials.trial_task", "api.coverage.recorded_telemetry"]
)


def tried_apart(
    task: TrialTask, stopped: Event, report: Report = nobody, limits: tuple[int, int] = (SECONDS, MEMORY)
) -> TrialOutcome:
    """The task, each run of it in a process of its own; Refused beyond the limits of one, or once `stopped` is set."""
    runs, failures = task.runs(), list[BaseException]()
    least = _Least(report, len(runs))

    def carry_out(number: int) -> RunOutcome | None:
        try:  # once one has failed, what the others would bring is for nobody
            return _apart(runs[number], lambda: stopped.is_set() or bool(failures), least.of(number), limits)
        except BaseException as why:  # noqa: BLE001  # raised again below: the first is why it failed
            failures.append(why)
            return None

    with ThreadPoolExecutor(len(runs)) as pool:
        after, *before = pool.map(carry_out, range(len(runs)))
    if failures or after is None:
        raise failures[0]
    return TrialOutcome(after, *before)


class _Least:
    """Several that go on together: as far as the one that is least far."""

    def __init__(self, report: Report, count: int) -> None:
        self._report, self._shares, self._lock = report, [0.0] * count, Lock()

    def of(self, number: int) -> Report:
        """Is told how far one of them is."""

        def tell(done: float) -> None:
            with self._lock:
                before = min(self._shares)
                self._shares[number] = done
                if min(self._shares) > before:
                    self._report(min(self._shares))

        return tell


def _apart(run: TrialRun, over: Callable[[], bool], report: Report, limits: tuple[int, int]) -> RunOutcome:
    receiver, sender = _processes.Pipe(duplex=False)
    process = _processes.Process(target=_work, args=(sender, run, limits), daemon=True)
    process.start()
    sender.close()
    try:
        return _outcome(receiver, over, report, monotonic() + HANGS * limits[0])
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


def _outcome(receiver: Connection, over: Callable[[], bool], report: Report, deadline: float) -> RunOutcome:
    while not over():
        if not receiver.poll(LOOK):
            if monotonic() > deadline:
                raise Refused(TOO_LONG)
            continue
        match receiver.recv():
            case float(done):
                report(done)
            case RunOutcome() as outcome:
                return outcome
            case why:
                raise why
    raise Refused(GONE)


class _Teller:
    """Tells the other end of a pipe how far it is, a hundredth at a time."""

    def __init__(self, sender: Connection) -> None:
        self._sender, self._told = sender, 0.0

    def __call__(self, done: float) -> None:
        if done >= min(self._told + HUNDREDTH, 1.0) > self._told:
            self._told = done
            self._sender.send(float(done))


def _work(sender: Connection, run: TrialRun, limits: tuple[int, int]) -> None:
    """What the other process does."""
    seconds, memory = limits
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (memory, most))
    outcome: RunOutcome | Exception
    try:
        outcome = carried_out(run, _Teller(sender))
    except MemoryError:
        outcome = Refused(TOO_LARGE)
    except Exception as why:  # noqa: BLE001  # whatever it is, it is raised again where somebody waits
        outcome = Refused(TOO_LARGE) if _starved() else why
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))  # to say what became of it takes a little as well
    sender.send(outcome)


def _starved() -> bool:
    """Whether memory is used up: libraries in C say that with errors of their own."""
    try:
        bytearray(BUFFER)
    except MemoryError:
        return True
    return False
