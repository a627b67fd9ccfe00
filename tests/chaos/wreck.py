"""What is done to a run: processes killed, ended, paused, and the broker with them, at random but from a seed."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from deploy.broker import Broker
from tests.chaos.process import Process

PAUSE = 15.0  # seconds that a stopped process sleeps, longer than its session
MOST_PAUSED = 2
DEEDS = ("kill",) * 5 + ("end",) * 3 + ("pause",) * 2 + ("broker",)


class Wreck:
    """`tally`: what was done, and how workers ended that nobody had ended."""

    def __init__(
        self, workers: Sequence[Process], broker: Broker, seed: int, deeds: Sequence[str] = DEEDS
    ) -> None:
        """`deeds`: drawn with equal chance."""
        self._workers, self._broker, self._deeds = workers, broker, deeds
        self._random = random.Random(seed)
        self._paused: dict[str, float] = {}
        self._expected: set[str] = set()
        self.tally: Counter[str] = Counter()

    @property
    def disruptions(self) -> int:
        """How many deeds were done."""
        return sum(count for deed, count in self.tally.items() if deed in DEEDS)

    async def run(self, seconds: float) -> None:
        """Disturb for so long, and restart whatever has ended."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            await asyncio.sleep(self._random.uniform(1.0, 4.0))
            self.revive()
            await self._one()

    async def calm(self, done: Callable[[], Awaitable[bool]], limit: float = 150.0) -> bool:
        """Disturb nobody and revive everybody until `done`; whether it was done in time."""
        self._paused = dict.fromkeys(self._paused, 0.0)
        end = time.monotonic() + limit
        while time.monotonic() < end:
            self.revive()
            if await done():
                return True
            await asyncio.sleep(1.0)
        return False

    async def ready(self) -> bool:
        """Whether every process has said that it has begun."""
        return all(process.said(r'"(owned|fenced|started)"') for process in self._workers)

    def revive(self) -> None:
        """Wake who has slept long enough, and start who has ended."""
        for worker in self._workers:
            if time.monotonic() > self._paused.get(worker.name, float("inf")):
                worker.signal(signal.SIGCONT)
                del self._paused[worker.name]
            if worker.exit_code is not None:
                if worker.name not in self._expected:
                    self.tally[f"{worker.kind} ended with {worker.exit_code}"] += 1
                self._expected.discard(worker.name)
                worker.start()

    async def _one(self) -> None:
        deed = self._random.choice(self._deeds)
        if deed == "pause" and len(self._paused) >= MOST_PAUSED:
            deed = "kill"
        worker = self._random.choice([w for w in self._workers if w.name not in self._paused])
        self.tally[deed] += 1
        match deed:
            case "kill":
                self._end(worker, signal.SIGKILL)
            case "end":
                self._end(worker, signal.SIGTERM)
            case "pause":
                worker.signal(signal.SIGSTOP)
                self._paused[worker.name] = time.monotonic() + PAUSE
            case "broker":
                self._broker.kill()
                await asyncio.sleep(self._random.uniform(0.0, 2.0))
                await asyncio.to_thread(self._broker.start)

    def _end(self, worker: Process, number: signal.Signals) -> None:
        self._expected.add(worker.name)
        worker.signal(number)
