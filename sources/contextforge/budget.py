"""How often a gateway may be asked, by the tiers of its rate limiter, which locks an address out for 15 minutes.

    a path  →  its tier  →  seconds until the next question is allowed

We take half of what a tier allows: a full bucket and its refill of one minute stay within the limit at any moment.
Each answer says the limit that really holds (`X-RateLimit-Limit`); what stands here is believed until then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Tier = Literal["LOW", "MEDIUM", "HIGH"]
LIMITS: dict[Tier, int] = {"LOW": 500, "MEDIUM": 100, "HIGH": 30}  # questions a minute, as 1.1.0 has them
SHARE = 0.5  # of the limit, which we may share with others behind our address
A_MINUTE = 250  # questions that we ask at most in one tier, however much it allows
LONGEST = 900.0  # seconds that we believe a gateway that asks us to wait
PROBE = 60.0  # seconds between two looks at /health while we have to be silent
_TIERS: tuple[tuple[tuple[str, ...], Tier], ...] = (
    (("/v1/rbac", "/v1/tokens"), "HIGH"),
    (("/v1/gateways", "/v1/tools", "/v1/servers"), "MEDIUM"),
)


def tier(path: str) -> Tier:
    """The tier of a path in 1.1.0; 1.0.7 counts all of `/v1` as LOW, and says so in its answers."""
    for begins, name in _TIERS:
        if path.startswith(begins):
            return name
    return "LOW"


class Budget:
    """A bucket of questions that fills evenly, and the silence that a gateway has asked for."""

    def __init__(self, clock: Callable[[], float], limit: int) -> None:
        """`clock`: seconds that never go back; `limit`: the gateway's own, a minute."""
        self._clock = clock
        self.rate = 0.0  # questions a minute
        self._left, self._filled = float("inf"), clock()
        self.allow(limit)
        self._until = 0.0
        self._probed = float("-inf")

    def allow(self, limit: int) -> None:
        """From now on believe this limit, the gateway's own, a minute."""
        self.rate = max(1.0, min(float(A_MINUTE), limit * SHARE))
        self._left = min(self._left, self.rate)

    def wait(self, probe: bool = False) -> float:
        """Seconds until the next question is allowed; 0 takes one from the bucket. A `probe` may pass once a minute."""
        now = self._clock()
        if now < self._until and not (probe and now - self._probed >= PROBE):
            return self._until - now
        self._left = min(self.rate, self._left + (now - self._filled) * self.rate / 60)
        self._filled = now
        if self._left < 1:
            return (1 - self._left) * 60 / self.rate
        self._left -= 1
        self._probed = now if probe else self._probed
        return 0.0

    def silence(self, seconds: float) -> None:
        """The gateway wants no questions for so long."""
        self._until = max(self._until, self._clock() + min(seconds, LONGEST))


class Budgets:
    """The budgets of one gateway: one for each tier."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock`: seconds that never go back."""
        self._budgets = {name: Budget(clock, limit) for name, limit in LIMITS.items()}

    def of(self, path: str) -> Budget:
        """The budget that a question for this path is taken from."""
        return self._budgets[tier(path)]

    def silence(self, path: str, seconds: float, everywhere: bool) -> None:
        """No questions for so long: in the path's tier, or `everywhere`."""
        for budget in self._budgets.values() if everywhere else (self.of(path),):
            budget.silence(seconds)
