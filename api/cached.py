"""A value that is good for a few seconds: many who ask for it cost one fetch."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")
FRESH = 3.0  # seconds


class Cached(Generic[T]):
    """One value that is fetched at most once in a while; who asks meanwhile waits for the same one."""

    def __init__(self, fresh: float = FRESH, clock: Callable[[], float] = monotonic) -> None:
        """`fresh`: seconds that a value is good for."""
        self._fresh, self._clock = fresh, clock
        self._held: tuple[float, T] | None = None
        self._fetching: asyncio.Task[T] | None = None

    async def get(self, fetch: Callable[[], Awaitable[T]]) -> T:
        """The held value, or a new one; what `fetch` raises is not held, and is raised to all who wait for it."""
        if self._held is not None and self._clock() - self._held[0] < self._fresh:
            return self._held[1]
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._fetch(fetch))
        return await asyncio.shield(self._fetching)

    async def _fetch(self, fetch: Callable[[], Awaitable[T]]) -> T:
        try:
            value = await fetch()
        finally:
            self._fetching = None
        self._held = (self._clock(), value)
        return value
