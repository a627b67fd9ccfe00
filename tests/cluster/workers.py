"""The workers of a scenario: a process for each stage, as an operator runs it."""

from __future__ import annotations

import signal

from tests.chaos.ground import Ground
from tests.chaos.process import Process

# How each goes when a timetable says that it is away: killed, with rows unwritten, or in order.
GOES = {"detect": signal.SIGKILL, "respond": signal.SIGTERM, "deliver": signal.SIGKILL}
FAREWELL = signal.SIGUSR1  # leaves its group for good


class Workers:
    """One worker a stage; the driver gives the time."""

    def __init__(self, ground: Ground) -> None:
        """None runs yet."""
        self._ground, self._all = ground, dict[str, Process]()

    def start(self, *stages: str) -> None:
        """Start, or start again in the same slot."""
        for stage in stages:
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
