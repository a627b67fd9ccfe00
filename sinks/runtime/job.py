"""One attempt on its way through this process, with the place in its partition that waits for it."""

from __future__ import annotations

from dataclasses import dataclass

from sinks.runtime.partition import Partition
from streams.messages.attempt import Attempt


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """An attempt, where it came from and whether it goes ahead of others."""

    attempt: Attempt
    partition: Partition
    offset: int
    critical: bool

    @property
    def to(self) -> str:
        """The endpoint that it queues for."""
        return self.attempt.notification.to

    @property
    def group(self) -> str:
        """What must not be told out of order: a group's `resolved` never overtakes its `firing`."""
        return self.attempt.notification.group

    @property
    def key(self) -> tuple[str, int]:
        """Equal for two copies of the same attempt."""
        return self.attempt.notification.id, self.attempt.number
