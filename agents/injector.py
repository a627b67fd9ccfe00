"""The injector: puts time and configuration into the logs of the partitions that this worker owns.

Both are ordinary messages of the log, so that each has its place in the order and a replay meets it there again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from agents.clock import steady, wall
from agents.feed import Entry, Feed
from agents.owned import Owned
from agents.plan import Plan
from streams.messages.config import ConfigRevision
from streams.messages.envelope import Message
from streams.messages.tick import Tick
from streams.signature import bound
from tables.kernel.configuration import Configured

ALWAYS = 0.1  # seconds between looks at the configuration, when a driver gives the time
LIMIT = 45.0  # seconds to wait for Kafka to acknowledge; longer than its client tries


class Inject(Protocol):
    """What sends; the speaker does."""

    async def inject(self, topic: str, partition: int, raw: bytes, stamp: int) -> None:
        """Return when the message is acknowledged. `stamp`: ms UTC, for a log without the broker's clock."""
        ...


@dataclass
class Told:
    """What one owned partition has been told.

    `at`: the newest instant that it was told or had applied, ms UTC; `unseen`: since when Kafka has held a tick that
    was not applied.
    """

    owned: Owned
    position: int = 0
    complete: bool = False
    revisions: dict[tuple[str, str, str], int] = field(default_factory=dict)
    unseen: float = 0.0
    at: int = 0

    def stamp(self, at: int) -> int:
        """The stamp of what is told now: its own instant, and never an older one than the log's newest."""
        self.at = max(self.at, self.owned.stamp, at)
        return self.at

    def ticked(self, now: float) -> None:
        """Kafka has taken a tick."""
        if self.unseen <= self.owned.applied:
            self.unseen = now

    def waits(self, now: float) -> float:
        """For how many seconds nothing has been applied although there was a tick to apply."""
        return now - self.unseen if self.unseen > self.owned.applied else 0.0


class Injector:
    """`told`: by partition, replaced whenever a partition is owned anew."""

    def __init__(self, plan: Plan, speaker: Inject, feed: Feed) -> None:
        """`feed` may still be reading."""
        self._plan, self._speaker, self._feed = plan, speaker, feed
        self.told: dict[int, Told] = {}

    async def keep(self, owned: Callable[[], Mapping[int, Owned]]) -> None:
        """Go round for ever; `owned` says what is owned now."""
        every = self._plan.settings.tick / 1_000 or ALWAYS
        due = steady()
        while True:
            due = max(due + every, steady())
            await asyncio.wait_for(self.round(owned()), LIMIT)
            await asyncio.sleep(max(0.0, due - steady()))

    async def round(self, owned: Mapping[int, Owned]) -> None:
        """One tick and whatever configuration is new, for each partition."""
        self.told = {p: self._same(p, one) for p, one in owned.items()}
        await asyncio.gather(*(self._tell(told) for told in self.told.values()))

    def _same(self, partition: int, owned: Owned) -> Told:
        told = self.told.get(partition)
        return told if told is not None and told.owned is owned else Told(owned)

    async def _tell(self, told: Told) -> None:
        if self._plan.settings.tick:
            await self._tick(told)
        if isinstance(told.owned.machine, Configured):
            await self._configure(told, told.owned.machine)

    async def _tick(self, told: Told) -> None:
        at, owned = wall(), told.owned
        name = f"tick/{owned.machine.name}/{at}"
        await self._inject(
            told, Tick(id=name, at=at, processed=owned.stamp, by=self._plan.name, to=owned.machine.name)
        )
        told.ticked(steady())

    async def _configure(self, told: Told, machine: Configured) -> None:
        complete, end = self._feed.complete, len(self._feed.entries)
        for entry in self._feed.since(told.position, machine.kinds):
            if self._is_news(told, machine, entry):
                told.revisions[entry.owner, entry.type, entry.name] = entry.revision
                await self._put(told, entry.raw, entry.at)
        told.position = end
        if complete and not told.complete:
            told.complete = True
            if not machine.complete:
                await self._inject(told, _completion(machine.name, told.stamp(0)))

    def _is_news(self, told: Told, machine: Configured, entry: Entry) -> bool:
        key = (entry.owner, entry.type, entry.name)
        return entry.revision > max(machine.revision(*key), told.revisions.get(key, 0))

    async def _inject(self, told: Told, said: Message) -> None:
        await self._put(
            told, self._plan.signer.sign(said.encode(), bound(said.kind, self._plan.input)), said.at
        )

    async def _put(self, told: Told, raw: bytes, at: int) -> None:
        await self._speaker.inject(self._plan.input, told.owned.partition, raw, told.stamp(at))


def _completion(name: str, at: int) -> ConfigRevision:
    return ConfigRevision(
        id=f"complete/{name}/{at}", at=at, owner="", type="", name="", revision=0, body=None, complete=True
    )
