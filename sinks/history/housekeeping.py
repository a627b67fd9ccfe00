"""What the history process does beside writing: once an hour it looks for what is old, and moves or removes it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from sinks.history.archive.archive import Archive
from sinks.history.store import Store
from streams.errors import DamagedState
from streams.topics import DAY

log = structlog.get_logger()
# Of commands, and where nothing is archived of the timeline: as long as `changes` holds them.
KEPT = 100 * DAY
HOUR = 3600.0  # seconds between two looks for what is older


class Housekeeping:
    """Asked again and again by the writer between two batches; mostly there is nothing to do."""

    def __init__(
        self, store: Store, archive: Archive | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`archive`: where what is over goes; None: it is removed."""
        self._store, self._archive, self._clock = store, archive, clock
        self._next, self._moved = 0.0, 0

    async def turn(self) -> None:
        """One step of what is due; a database, or a folder, that is away is asked again in an hour."""
        if self._clock() < self._next:
            return
        try:
            again = await asyncio.to_thread(self._step)
        except (OperationalError, InterfaceError) as why:
            log.warning("what is old could not be removed", why=str(why.orig))
            again = False
        except DamagedState as why:
            fix = "restore the file, or move it away and another one is begun; nothing is lost"
            log.warning("what is old could not be archived", why=str(why), fix=fix)
            again = False
        except OSError as why:
            fix = "make room in the data folder, or let this user write there; nothing is lost"
            log.warning("what is old could not be archived", why=why.strerror, file=why.filename, fix=fix)
            again = False
        if not again:
            self._next = self._clock() + HOUR

    def _step(self) -> bool:
        """Whether there is more to do at once; the writer goes on writing between two steps."""
        if self._archive is None:
            log.info("removed what is older than 100 days", rows=self._store.prune(KEPT))
            return False
        moved = self._store.archive(self._archive)
        self._moved += moved
        if moved:
            log.info("archiving", rows=self._moved)
            return True
        gone = self._store.prune(KEPT, timeline=False)
        log.info("archived what is old", rows=self._moved, commands_removed=gone)
        self._moved = 0
        if expired := self._archive.expire(self._store.newest()):
            log.info("removed archives that were kept long enough", files=expired)
        return False
