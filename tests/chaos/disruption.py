"""A disruption: what was done to which process, when, and when that one was back."""

from __future__ import annotations

from dataclasses import dataclass

SETTLES = 8.0  # seconds in which a group comes to rest after a member has come back


@dataclass
class Disruption:
    """One deed. `at`: s UTC; `until`: when its victim was up again, None if it never was."""

    deed: str
    victim: str
    at: float
    until: float | None = None

    @property
    def kind(self) -> str:
        """The kind of process that was disturbed."""
        return self.victim.rpartition("-")[0] or self.victim

    @property
    def span(self) -> tuple[float, float]:
        """From the deed until all has come to rest after it, ms UTC."""
        return self.at * 1_000, ((self.until or float("inf")) + SETTLES) * 1_000
