"""Who is called next: a queue for each endpoint, so that a slow one holds nobody but itself.

At most four calls to one endpoint and 64 in all; critical attempts go first, and some places are kept
for them. Of one endpoint and group one attempt runs at a time, in the order of the log.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from sinks.runtime.job import Job

EACH, ALL, KEPT = 4, 64, 16  # calls to one endpoint; to all; of those, kept for critical attempts


@dataclass(slots=True)
class Lane:
    """One endpoint: what waits for it, critical attempts apart, and which groups are being told."""

    critical: deque[Job] = field(default_factory=deque)
    other: deque[Job] = field(default_factory=deque)
    running: set[str] = field(default_factory=set)

    def waiting(self, critical: bool) -> deque[Job]:
        """The attempts of one rank, oldest first."""
        return self.critical if critical else self.other

    def take(self, critical: bool) -> Job | None:
        """The oldest attempt of this rank whose group is not being told right now."""
        waiting = self.waiting(critical)
        if len(self.running) >= EACH:
            return None
        for place, job in enumerate(waiting):
            if job.group not in self.running:
                del waiting[place]
                self.running.add(job.group)
                return job
        return None


class Queue:
    """All attempts that were read and have not been called yet."""

    def __init__(self) -> None:
        self._lanes: dict[str, Lane] = {}
        self._ready: dict[bool, dict[str, None]] = {True: {}, False: {}}  # endpoints in turn, by rank
        self._running = 0

    def put(self, job: Job) -> None:
        """Let an attempt wait for its turn."""
        self._lanes.setdefault(job.to, Lane()).waiting(job.critical).append(job)
        self._ready[job.critical].setdefault(job.to)

    def take(self) -> Job | None:
        """The next attempt to call, None while all places are taken; `done` gives its place back."""
        for critical, places in ((True, ALL), (False, ALL - KEPT)):
            if self._running < places and (job := self._next(critical)):
                self._running += 1
                return job
        return None

    def _next(self, critical: bool) -> Job | None:
        """Endpoints take turns; one that cannot run now leaves the ring until a call to it ends."""
        ready = self._ready[critical]
        for to in list(ready):
            del ready[to]
            if job := self._lanes[to].take(critical):
                if self._lanes[to].waiting(critical):
                    ready[to] = None
                return job
        return None

    def done(self, job: Job) -> None:
        """The call has ended, however it ended."""
        lane = self._lanes[job.to]
        lane.running.discard(job.group)
        self._running -= 1
        for critical in (True, False):
            if lane.waiting(critical):
                self._ready[critical].setdefault(job.to)
        self._forget([job.to])

    def drop_revoked(self) -> None:
        """Forget attempts of partitions that are no longer ours: their new owner has them."""
        for lane in self._lanes.values():
            lane.critical = deque(job for job in lane.critical if not job.partition.revoked)
            lane.other = deque(job for job in lane.other if not job.partition.revoked)
        self._forget(list(self._lanes))

    def _forget(self, endpoints: Iterable[str]) -> None:
        for to in endpoints:
            lane = self._lanes[to]
            if not (lane.critical or lane.other or lane.running):
                del self._lanes[to]
                self._ready[True].pop(to, None)
                self._ready[False].pop(to, None)
