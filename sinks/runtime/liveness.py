"""Notices that this process stood still, and so may have lost its partitions without knowing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from streams.connection import longest_pause
from streams.errors import Broken


class Liveness:
    """Beats many times a second; a pause in which the group's session may end ends the process, which starts afresh.

    A worker that was suspended wakes up believing that all is as it was, while another has its partitions;
    whatever it called then would be called twice.
    """

    def __init__(self, session: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`session`: ms after which the broker gives our partitions to others."""
        self._longest, self._clock = longest_pause(session), clock
        self._last = clock()

    def beat(self) -> None:
        """Broken where the last beat is too long ago; otherwise remember this one."""
        gap = self._clock() - self._last
        if gap > self._longest:
            raise Broken(f"stood still for {gap:.1f} s, while TOCSIN_SESSION ran out: starting afresh")
        self._last += gap


def touch(file: str) -> None:
    """One beat; a disk that is full or gone has worse consequences than a missing one."""
    with suppress(OSError):
        Path(file).touch()


async def beat(file: str) -> None:
    """Touch `file` every second, for whoever supervises this process; without a name, never."""
    while file:
        touch(file)
        await asyncio.sleep(1.0)
