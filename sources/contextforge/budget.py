"""How often a gateway may be asked: its limiter locks the whole address out for 15 minutes, so we stay far below."""

from __future__ import annotations

from collections.abc import Callable

A_MINUTE = 300  # questions; the gateway's own limit is 500 for an address, which we may share
LONGEST = 900.0  # seconds that we believe a gateway that asks us to wait
PROBE = 60.0  # seconds between two looks at /health while we have to be silent


class Budget:
    """A bucket of questions that fills evenly, and the silence that a gateway has asked for."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock`: seconds that never go back."""
        self._clock = clock
        self._left, self._filled = float(A_MINUTE), clock()
        self._until = 0.0
        self._probed = float("-inf")

    def wait(self, probe: bool = False) -> float:
        """Seconds until the next question is allowed; 0 takes one from the bucket. A `probe` may pass once a minute."""
        now = self._clock()
        if now < self._until and not (probe and now - self._probed >= PROBE):
            return self._until - now
        self._left = min(float(A_MINUTE), self._left + (now - self._filled) * A_MINUTE / 60)
        self._filled = now
        if self._left < 1:
            return (1 - self._left) * 60 / A_MINUTE
        self._left -= 1
        self._probed = now if probe else self._probed
        return 0.0

    def silence(self, seconds: float) -> None:
        """The gateway wants no questions for so long."""
        self._until = max(self._until, self._clock() + min(seconds, LONGEST))
