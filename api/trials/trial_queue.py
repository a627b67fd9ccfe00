"""The queue of trials: one runs at a time, each person has at most one, in the order in which they asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from streams.codes import RefusalCode
from streams.errors import Refused

MOST = 20  # people whose trials run or wait


class TrialQueue:
    """The trials of one process: a trial takes a core while it runs, and the API needs the others."""

    def __init__(self) -> None:
        """Nobody waits."""
        self._people: set[str] = set()
        self._turn = asyncio.Lock()  # gives way in the order of asking

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[None]:
        """Wait until it is this person's turn; Refused where the person has a trial already, or too many wait."""
        if name in self._people:
            raise Refused("your other trial is under way: wait until it is over", RefusalCode.OVERLOADED)
        if len(self._people) >= MOST:
            raise Refused(f"{MOST} trials wait already: try again in a moment", RefusalCode.OVERLOADED)
        self._people.add(name)
        try:
            async with self._turn:
                yield
        finally:
            self._people.discard(name)
