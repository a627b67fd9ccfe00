"""The watchdog: ends a worker that makes no progress. A thread, so that it notices a stuck event loop too."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass

from agents.clock import steady
from agents.exits import Exit, Leave, leave
from agents.inputs.injector import Injector
from agents.partition.store import wipe
from agents.worker.app import StageApp


@dataclass(frozen=True)
class Limits:
    """Seconds. `grace` is left after each assignment; a worker without partitions rejoins after `empty`."""

    tick: float = 5.0
    starved: float = 60.0  # a partition may wait so long while the worker is busy with its other ones
    pulse: float = 30.0  # no input takes much more than a second, reading a hundred thousand rows does
    turn: float = 2.0  # a loop that has not turned for so long is within one input: `pulse` bounds that
    write_out: float = 60.0
    recovery: float = 180.0
    joining: float = 120.0
    empty: float = 900.0
    grace: float = 15.0
    fence: float = 3 * 86_400.0  # Kafka forgets who holds a producer's name after 7 days without a new holder


class Watchdog:
    """Looks once a second; the first thing that is wrong ends the process with a sentence that says what."""

    def __init__(self, app: StageApp, injector: Injector, limits: Limits, leave: Leave = leave) -> None:
        """`leave` ends the process."""
        self._app, self._injector = app, injector
        self._limits, self._leave = limits, leave
        self._pulse = steady()

    def start(self) -> None:
        """Watch until the process ends."""
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    async def beat(self) -> None:
        """Show for ever that the event loop turns."""
        while True:
            self._pulse = steady()
            await asyncio.sleep(1.0)

    def _watch(self) -> None:
        pause = threading.Event()
        while not pause.wait(1.0):
            if why := self.wrong(steady()):
                if self._app.phase.name == "recovering":
                    wipe(self._app.config.folder)
                self._leave(Exit.STUCK, why)

    def wrong(self, now: float) -> str | None:
        """What is wrong at this moment of the steady clock, if anything."""
        if now - self._pulse > self._limits.pulse:
            return f"the event loop has been stuck, or the process paused, for {now - self._pulse:.0f} s"
        phase, limits = self._app.phase, self._limits
        age = now - phase.since
        if not self._app.should_stop and not self._app.coordinates:
            return "the group's coordination has ended without a word: no partition would ever be assigned"
        if phase.name == "joining" and age > limits.joining:
            return f"no partitions were assigned or refused for {age:.0f} s"
        if phase.name in ("recovering", "seeking") and age > limits.recovery:
            return f"recovery takes {age:.0f} s; the local copy of the rows is wiped"
        return self._running(now, age) if phase.name == "running" and age > limits.grace else None

    def _running(self, now: float, age: float) -> str | None:
        if age > self._limits.fence:
            return "the fences are old and have to be renewed"
        if age > self._limits.empty and not self._app.owned:
            return f"no partition was owned for {age:.0f} s; joining again"
        return self._unapplied(now) or self._unwritten(now)

    def _unapplied(self, now: float) -> str | None:
        if now - self._pulse > self._limits.turn:
            return None
        applied = max((partition.applied for partition in list(self._app.owned.values())), default=0.0)
        limit = self._limits.starved if now - applied <= self._limits.tick else self._limits.tick
        for inputs in list(self._injector.inputs.values()):
            if (waits := inputs.waits(now)) > limit:
                where = f"partition {inputs.partition.number}"
                return f"{where}: for {waits:.0f} s nothing was applied, though there was a tick to apply"
        return None

    def _unwritten(self, now: float) -> str | None:
        for partition in list(self._app.owned.values()):
            waits = now - partition.unwritten - partition.schedule.every
            if partition.busy and waits > self._limits.write_out:
                return f"partition {partition.number}: its write-out is overdue by {waits:.0f} s"
        return None
