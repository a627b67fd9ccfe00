"""The injector: puts time and configuration into the logs of the partitions that this worker owns.

Both are ordinary messages of the log, so that each has its place in the order and a replay meets it there again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from agents.clock import steady, wall
from agents.inputs.feed import Entry, Feed
from agents.partition.partition import OwnedPartition
from agents.worker_config import WorkerConfig
from streams.messages.config import ConfigRevision
from streams.messages.envelope import Message
from streams.messages.tick import Tick
from streams.signature import bound
from tables.kernel.configuration import Configured

LOOK = 0.1  # seconds between looks at the configuration: what has changed waits for no tick
LIMIT = 45.0  # seconds to wait for Kafka to acknowledge; longer than its client tries


class Inject(Protocol):
    """What sends; the output producer does."""

    async def inject(self, topic: str, partition: int, raw: bytes, stamp: int) -> None:
        """Return when the message is acknowledged. `stamp`: ms UTC, for a log without the broker's clock."""
        ...


@dataclass
class PartitionInputs:
    """What has been injected into one owned partition.

    `at`: the newest instant that was injected or applied, ms UTC; `unapplied`: since when Kafka has held a tick
    that was not applied.
    """

    partition: OwnedPartition
    position: int = 0
    complete: bool = False
    revisions: dict[tuple[str, str, str], int] = field(default_factory=dict)
    unapplied: float = 0.0
    at: int = 0

    def stamp(self, at: int) -> int:
        """The stamp of what is injected now: its own instant, and never an older one than the log's newest."""
        self.at = max(self.at, self.partition.stamp, at)
        return self.at

    def ticked(self, now: float) -> None:
        """Kafka has taken a tick."""
        if self.unapplied <= self.partition.applied:
            self.unapplied = now

    def waits(self, now: float) -> float:
        """For how many seconds nothing has been applied although there was a tick to apply."""
        return now - self.unapplied if self.unapplied > self.partition.applied else 0.0


class Injector:
    """`inputs`: by partition, replaced whenever a partition is owned anew."""

    def __init__(self, config: WorkerConfig, producer: Inject, feed: Feed) -> None:
        """`feed` may still be reading."""
        self._config, self._producer, self._feed = config, producer, feed
        self.inputs: dict[int, PartitionInputs] = {}

    async def keep(self, owned: Callable[[], Mapping[int, OwnedPartition]]) -> None:
        """Go round for ever; `owned` says what is owned now."""
        every = self._config.settings.tick / 1_000 or LOOK
        due = steady()
        while True:
            due = max(due + every, steady())
            await asyncio.wait_for(self.round(owned()), LIMIT)
            while (left := due - steady()) > 0:
                await asyncio.sleep(min(left, LOOK))
                if any(inputs.position < len(self._feed.entries) for inputs in self.inputs.values()):
                    await asyncio.wait_for(self.configure(owned()), LIMIT)

    async def round(self, owned: Mapping[int, OwnedPartition]) -> None:
        """One tick and whatever configuration is new, for each partition."""
        self.inputs = {number: self._same(number, partition) for number, partition in owned.items()}
        await asyncio.gather(*(self._inject_due(inputs) for inputs in self.inputs.values()))

    async def configure(self, owned: Mapping[int, OwnedPartition]) -> None:
        """Whatever configuration is new, for each partition of the last round that is owned still."""
        end = len(self._feed.entries)
        for number, inputs in self.inputs.items():
            if inputs.position < end and owned.get(number) is inputs.partition:
                await self._configure_due(inputs)

    def _same(self, number: int, partition: OwnedPartition) -> PartitionInputs:
        inputs = self.inputs.get(number)
        return inputs if inputs is not None and inputs.partition is partition else PartitionInputs(partition)

    async def _inject_due(self, inputs: PartitionInputs) -> None:
        if self._config.settings.tick:
            await self._tick(inputs)
        await self._configure_due(inputs)

    async def _configure_due(self, inputs: PartitionInputs) -> None:
        if isinstance(inputs.partition.machine, Configured):
            await self._configure(inputs, inputs.partition.machine)
        else:
            inputs.position = len(self._feed.entries)

    async def _tick(self, inputs: PartitionInputs) -> None:
        at, partition = wall(), inputs.partition
        name = f"tick/{partition.machine.name}/{at}"
        await self._inject(
            inputs,
            Tick(id=name, at=at, processed=partition.stamp, by=self._config.name, to=partition.machine.name),
        )
        inputs.ticked(steady())

    async def _configure(self, inputs: PartitionInputs, machine: Configured) -> None:
        complete, end = self._feed.complete, len(self._feed.entries)
        for entry in self._feed.since(inputs.position, machine.kinds):
            if self._is_news(inputs, machine, entry):
                inputs.revisions[entry.owner, entry.type, entry.name] = entry.revision
                await self._put(inputs, entry.raw, entry.at)
        inputs.position = end
        if complete and not inputs.complete:
            inputs.complete = True
            if not machine.complete:
                await self._inject(inputs, _completion(machine.name, inputs.stamp(0)))

    def _is_news(self, inputs: PartitionInputs, machine: Configured, entry: Entry) -> bool:
        key = (entry.owner, entry.type, entry.name)
        return entry.revision > max(machine.revision(*key), inputs.revisions.get(key, 0))

    async def _inject(self, inputs: PartitionInputs, message: Message) -> None:
        await self._put(
            inputs,
            self._config.signer.sign(message.encode(), bound(message.kind, self._config.input)),
            message.at,
        )

    async def _put(self, inputs: PartitionInputs, raw: bytes, at: int) -> None:
        await self._producer.inject(self._config.input, inputs.partition.number, raw, inputs.stamp(at))


def _completion(name: str, at: int) -> ConfigRevision:
    return ConfigRevision(
        id=f"complete/{name}/{at}", at=at, owner="", type="", name="", revision=0, body=None, complete=True
    )
