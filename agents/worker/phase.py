"""Where a worker is in the life of its assignment, and since when; the watchdog reads it from another thread."""

from __future__ import annotations

from typing import Literal

from agents.clock import steady

Name = Literal["joining", "recovering", "seeking", "running", "stopping"]


class Phase:
    """`tenure` changes with every assignment and revocation, so that late work for an old one is noticed."""

    def __init__(self) -> None:
        """A worker begins by joining its group."""
        self.name: Name = "joining"
        self.since = steady()
        self.tenure = 0

    def enter(self, name: Name) -> None:
        """From now on the worker is in this phase."""
        if name in ("joining", "recovering"):
            self.tenure += 1
        self.name, self.since = name, steady()
