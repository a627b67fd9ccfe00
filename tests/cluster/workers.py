"""The workers of a scenario: a process for each stage, as an operator runs it."""

from __future__ import annotations

import signal
import time

from tests.chaos.ground import Ground
from tests.chaos.process import Process

# How each goes when a timetable says that it is away: killed, with rows unwritten, or in order.
GOES = {"detect": signal.SIGKILL, "respond": signal.SIGTERM, "deliver": signal.SIGKILL}
FAREWELL = signal.SIGUSR1  # leaves its group for good
FINAL = (2, 78)  # exit codes after which nothing starts a worker again


class Workers:
    """One worker a stage; the driver gives the time."""

    def __init__(self, ground: Ground) -> None:
        """None runs yet."""
        self._ground, self._all = ground, dict[str, Process]()
        self._gone: set[str] = set()
        self.restarts = 0  # of those that ended by themselves, or were killed in between

    def start(self, *stages: str) -> None:
        """Start, or start again in the same slot."""
        for stage in stages:
            self._gone.discard(stage)
            if stage in self._all:
                self._all[stage].start()
            else:
                folder, environment = self._ground.folder / "log", self._ground.environment
                self._all[stage] = Process(f"{stage}-a", folder, environment, "agents", stage)

    def go(self, *stages: str) -> None:
        """Each goes in its own way, and is gone."""
        for stage in stages:
            self._all[stage].signal(GOES[stage])
            self._all[stage].wait()
            self._gone.add(stage)

    def keep(self) -> None:
        """Start again what has ended by itself, as a supervisor does: whoever is starved loses its session."""
        for stage, process in self._all.items():
            if stage in self._gone or (code := process.exit_code) is None:
                continue
            assert code not in FINAL, f"{stage} ended with {code}: {process.log.read_text()[-600:]}"
            self.restarts += 1
            process.start()

    def crash(self, stage: str) -> None:
        """It is killed, whatever it is doing, and started again at once."""
        self._all[stage].signal(signal.SIGKILL)
        self._all[stage].wait()
        self.keep()

    def pause(self, stage: str, seconds: float) -> None:
        """It stands still, for longer than its session lasts, and goes on as if nothing had been."""
        self._all[stage].signal(signal.SIGSTOP)
        time.sleep(seconds)
        self._all[stage].signal(signal.SIGCONT)

    def end(self) -> list[int]:
        """All hand over and leave for good; the exit codes."""
        for process in self._all.values():
            process.signal(FAREWELL)
        return [process.wait() for process in self._all.values()]

    def kill(self) -> None:
        """End what still runs, whatever it is doing."""
        for process in self._all.values():
            process.signal(signal.SIGKILL)
            process.wait()
