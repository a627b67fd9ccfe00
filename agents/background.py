"""Background work: takes tasks that nobody waits for, and keeps them until they are done or the process ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any


class Background:
    """Keeps tasks from being collected before they are done."""

    def __init__(self) -> None:
        """Nothing is under way."""
        self._tasks: set[asyncio.Future[Any]] = set()

    def start(self, work: Awaitable[None]) -> None:
        """Begin it; whether it succeeds matters to nobody."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._end)

    async def wait(self, seconds: float) -> None:
        """Wait for what is under way, but not longer than this."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)

    def _end(self, task: asyncio.Future[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()
