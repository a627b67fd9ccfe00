"""How often a consumer asks a broker for records: what comes in quick succession is fetched together.

To ask for a frame costs our side and Kafka as much as to judge it. So where records come one after the other, the next
question waits for a moment; where they are rare, each is there at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from math import inf
from typing import Any

from agents.clock import steady

Ask = Callable[[Any, int, Any], Awaitable[bool]]


class Pacing:
    """Stands before the questions of one of aiokafka's fetchers. `gather`: seconds after an answer with records."""

    def __init__(self, fetcher: Any) -> None:
        """From here on it stands there."""
        self._fetcher, self.gather = fetcher, 0.0
        self._ask: Ask = fetcher._proc_fetch_request  # noqa: SLF001 - there is no public way
        self._answered: dict[int, float] = {}  # by broker
        fetcher._proc_fetch_request = self.ask  # noqa: SLF001

    def pace(self, longest: int, gather: float) -> None:
        """From the next question on: how long one may wait for a record, ms, and the gap, in seconds, after each."""
        self._fetcher._fetch_max_wait_ms, self.gather = longest, gather  # noqa: SLF001

    async def ask(self, assignment: Any, broker: int, request: Any) -> bool:
        """Ask; whether records came."""
        pause = self._answered.get(broker, -inf) + self.gather - steady()
        if pause > 0.0:
            try:
                await asyncio.sleep(pause)
            except asyncio.CancelledError:
                return False  # as the fetcher's own: what is assigned has changed
        came = await self._ask(assignment, broker, request)
        if came:
            self._answered[broker] = steady()
        return came
