"""A watch that remembers for a few seconds what it saw: many pages and probes cost one look at the broker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Generic, TypeVar

from api.health.lag import Behind, Watch

T = TypeVar("T")
FRESH = 3.0  # seconds


class Cached(Generic[T]):
    """One value that is fetched at most once in a while; who asks meanwhile waits for the same one."""

    def __init__(self, fresh: float = FRESH, clock: Callable[[], float] = monotonic) -> None:
        """`fresh`: seconds that a value is good for."""
        self._fresh, self._clock = fresh, clock
        self._lock = asyncio.Lock()
        self._held: tuple[float, T] | None = None

    async def get(self, fetch: Callable[[], Awaitable[T]]) -> T:
        """The held value, or a new one; what `fetch` raises is not held."""
        async with self._lock:
            if self._held is None or self._clock() - self._held[0] >= self._fresh:
                value = await fetch()
                self._held = (self._clock(), value)
            return self._held[1]


class CachedWatch:
    """The same watch, asked less often."""

    def __init__(self, watch: Watch) -> None:
        """`watch`: the one that really looks."""
        self._watch = watch
        self._reachable: Cached[str] = Cached()
        self._lag: Cached[list[Behind]] = Cached()

    async def reachable(self) -> str:
        """As it was within the last seconds."""
        return await self._reachable.get(self._watch.reachable)

    async def lag(self, projected: Mapping[int, int]) -> list[Behind]:
        """As it was within the last seconds."""
        return await self._lag.get(lambda: self._watch.lag(projected))
