"""What is done to a run: processes killed, ended, paused and restarted in turn, and the broker with them.

All at random but from a seed, and so that every process meets every deed before any meets one again. Whoever has
ended is started again a moment later, as a supervisor would do it.
"""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from tests.chaos.broker_deeds import BrokerDeeds
from tests.chaos.disruption import Disruption
from tests.chaos.process import Process
from tests.kafka.choice import Kafka

PAUSE = 15.0  # seconds that a stopped process sleeps, longer than its session
MOST_PAUSED = 2
DEEDS = ("kill", "kill", "end", "pause")  # to each process; to each kind a `roll`, and brokers have their own
LONGER = 4  # times as long as asked for, at most, to come to the least number of deeds
LOOK = 0.1  # seconds between two looks at who has ended and who is back
UP = 60.0  # seconds that a rolling restart waits for one process to be up again


class Wreck:
    """`done`: every deed; `surprises`: how processes ended that nobody had ended."""

    def __init__(self, workers: Sequence[Process], kafka: Kafka, seed: int) -> None:
        """`workers`: all that can be disturbed, beside Kafka."""
        self._workers = workers
        self._random = random.Random(seed)
        self._bag: list[tuple[str, str]] = []  # deeds and names (of processes, or of kinds) still to be drawn
        self._paused: dict[str, float] = {}  # name → when it is woken
        self._down: dict[str, float] = {}  # name → when it is started again
        self._open: dict[str, list[Disruption]] = {}  # name → deeds that it has not recovered from
        self.done: list[Disruption] = []
        self.surprises: Counter[str] = Counter()
        self._brokers = BrokerDeeds(kafka, self._random, self.done)

    async def run(self, seconds: float, least: int) -> None:
        """Disturb for so long, and until so much was done."""
        reviving = asyncio.create_task(self._revive_always())
        try:
            began = time.monotonic()
            while time.monotonic() - began < seconds * (LONGER if len(self.done) < least else 1):
                await asyncio.sleep(self._random.uniform(1.0, 4.0))
                await self._one()
            await self._brokers.finish()
        finally:
            reviving.cancel()
            with suppress(asyncio.CancelledError):
                await reviving

    async def calm(self, settled: Callable[[], Awaitable[bool]], limit: float = 150.0) -> bool:
        """Disturb nobody and revive everybody until `settled`; whether it was settled in time."""
        self._paused, self._down = dict.fromkeys(self._paused, 0.0), {}
        end = time.monotonic() + limit
        while time.monotonic() < end:
            self.revive()
            if await self.ready() and await settled():
                return True
            await asyncio.sleep(0.5)
        return False

    async def ready(self) -> bool:
        """Whether every process has said that it has begun."""
        return all(process.up for process in self._workers)

    def revive(self) -> None:
        """Wake who has slept long enough, start who has ended, and note who is back."""
        now = time.monotonic()
        for worker in self._workers:
            if now > self._paused.get(worker.name, float("inf")):
                worker.signal(signal.SIGCONT)
                del self._paused[worker.name]
            if worker.exit_code is not None and now >= self._down.get(worker.name, 0.0):
                if worker.name not in self._down and worker.name not in self._open:
                    self.surprises[f"{worker.kind} ended with {worker.exit_code}"] += 1
                self._down.pop(worker.name, None)
                worker.start()
            elif worker.name in self._open and worker.name not in self._paused and worker.up:
                self._recovered(worker)

    def _recovered(self, worker: Process) -> None:
        """Note that it is back, unless it is still on its way to its end."""
        deeds = self._open[worker.name]
        if deeds[-1].deed == "pause" or worker.started > deeds[-1].at:
            for one in self._open.pop(worker.name):
                one.until = time.time()

    async def _revive_always(self) -> None:
        while True:
            self.revive()
            await asyncio.sleep(LOOK)

    async def _one(self) -> None:
        deed, name = self._draw()
        if self._brokers.concerns(name):
            await self._brokers.begin(deed, name)
            return
        match deed:
            case "kill":
                self._end(self._named(name), deed, signal.SIGKILL, self._random.uniform(0.0, 2.0))
            case "end":
                self._end(self._named(name), deed, signal.SIGTERM, self._random.uniform(0.0, 2.0))
            case "pause":
                self._paused[name] = time.monotonic() + PAUSE
                self._note(deed, self._named(name))
                self._named(name).signal(signal.SIGSTOP)
            case "roll":
                await self._roll(name)

    def _draw(self) -> tuple[str, str]:
        """The next deed that can be done now; what cannot stays in the bag."""
        while True:
            for place, (deed, name) in enumerate(self._bag):
                if not self._is_down(name) and not (deed == "pause" and len(self._paused) >= MOST_PAUSED):
                    return self._bag.pop(place)
            self._bag += self._shuffled()

    def _shuffled(self) -> list[tuple[str, str]]:
        bag = [(deed, worker.name) for worker in self._workers for deed in DEEDS]
        bag += [("roll", kind) for kind in dict.fromkeys(worker.kind for worker in self._workers)]
        bag += self._brokers.bag(len(self._workers))
        self._random.shuffle(bag)
        return bag

    def _is_down(self, name: str) -> bool:
        if self._brokers.concerns(name):
            return self._brokers.busy
        return name in self._paused or name in self._down

    def _named(self, name: str) -> Process:
        return next(worker for worker in self._workers if worker.name == name)

    async def _roll(self, kind: str) -> None:
        """Restart all processes of a kind in order, each when the one before it is up."""
        for worker in [w for w in self._workers if w.kind == kind and w.name not in self._paused]:
            self._end(worker, "roll", signal.SIGTERM, 0.0)
            end = time.monotonic() + UP
            while worker.name in self._open and time.monotonic() < end:  # noqa: ASYNC110 - processes do not call
                await asyncio.sleep(LOOK)

    def _end(self, worker: Process, deed: str, number: signal.Signals, rest: float) -> None:
        self._down[worker.name] = time.monotonic() + rest
        self._note(deed, worker)
        worker.signal(number)

    def _note(self, deed: str, worker: Process) -> None:
        self.done.append(Disruption(deed, worker.name, time.time()))
        self._open.setdefault(worker.name, []).append(self.done[-1])
