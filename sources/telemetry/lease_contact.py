"""Whether a lease may have run out: how long ago the group's coordinator answered us last.

A member that the coordinator does not hear loses its share after the session, without being told. So whoever cannot
reach it for that long must behave as if it had lost its share already.
"""

from __future__ import annotations

from math import inf

from streams import connection


class LeaseContact:
    """Times are seconds that never go back."""

    def __init__(self, session: int) -> None:
        """`session`: of the group, ms. Nothing is held yet, so nothing can be lost."""
        self._longest = connection.longest_pause(session)
        self._settled = 1.5 * connection.heartbeat(session) / 1_000
        self._heard, self._since = inf, -inf

    def joined(self, now: float) -> None:
        """The coordinator gave us our share: it knows us."""
        self._heard, self._since = now, -inf

    def answered(self, asked: float, now: float) -> None:
        """It answered now, which proves that it was there when it was asked, and no more."""
        if asked - self._heard > self._longest:
            self._since = now
        self._heard = max(self._heard, asked) if self._heard < inf else inf

    def silence(self, now: float) -> float:
        """For how long it has said nothing."""
        return now - self._heard

    def lost(self, now: float) -> bool:
        """Whether others may have our share: silence for too long, or since then no time for a sign of life."""
        return self.silence(now) > self._longest or self._heard - self._since < self._settled
