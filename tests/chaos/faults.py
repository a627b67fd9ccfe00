"""Ways to be wrong on purpose: workers that stop, hold or die inside a write-out, or go without their fence.

Only `tests.chaos.worker` can choose them; the product has no switch for any of it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer
from faust.types import TP

from agents.clients.fence import FencedProducer
from agents.partition.acquisition import Acquisition
from agents.partition.log_identity import InputLog
from agents.partition.partition import OwnedPartition
from agents.partition.schedule import Schedule
from agents.partition.write_out import Cut, Faults
from agents.worker.app import StageApp
from agents.worker_config import WorkerConfig
from tables.kernel.level import level_name

log = logging.getLogger("tocsin.faults")
DOWNSTREAM = "window"  # the most downstream level of the tally machines


class StopBetween(Faults):
    """Pauses its own process once, between acknowledged outputs and the first row; then finishes, and ends."""

    def __init__(self) -> None:
        """Armed by the second write-out of a partition that has downstream rows."""
        self._seen: dict[int, int] = {}
        self._stopped: int | None = None

    async def outputs_acknowledged(self, cut: Cut) -> None:
        """Pause here."""
        self._seen[cut.partition] = self._seen.get(cut.partition, 0) + 1
        if self._stopped is None and self._seen[cut.partition] > 1 and _downstream(cut) > 2:
            self._stopped = cut.partition
            log.warning("STOPPED %d at %d", cut.partition, cut.floor)
            os.kill(os.getpid(), signal.SIGSTOP)

    async def rows_acknowledged(self, cut: Cut) -> None:
        """Everything was written after the pause: a zombie has succeeded."""
        if cut.partition == self._stopped:
            log.warning("ZOMBIE WROTE %d rows", len(cut.rows))
            os._exit(3)


class HoldThenDie(Faults):
    """Holds the first write-out of one partition until a file appears, and dies when its first level is written."""

    def __init__(self, partition: str, release: str) -> None:
        """`release`: the file."""
        self._partition, self._release = int(partition), Path(release)

    async def outputs_acknowledged(self, cut: Cut) -> None:
        """Hold here; other partitions never write at all."""
        if cut.partition == self._partition:
            log.warning(
                "HOLDING %d at %d with %d rows downstream", cut.partition, cut.floor, _downstream(cut)
            )
        while cut.partition != self._partition or not self._release.exists():  # noqa: ASYNC110 - another process makes it
            await asyncio.sleep(0.01)
        cut.rows[:] = [row for row in cut.rows if level_name(row[0]) == DOWNSTREAM]  # as if no more fitted in

    async def rows_acknowledged(self, cut: Cut) -> None:
        """Die with only the most downstream level written."""
        log.warning("DYING after %d rows", len(cut.rows))
        os.kill(os.getpid(), signal.SIGKILL)


class WhenDownstream(Schedule):
    """Due when a downstream row has changed, so that a first write-out is sure to hold one."""

    def __init__(self, partition: OwnedPartition) -> None:
        """`partition`: the one that it is for."""
        super().__init__(0.0, 0, 0.0)
        self._partition = partition

    def due(self, now: float, busy: bool) -> bool:
        """Whether the next write-out would hold a downstream row."""
        return any(level_name(key) == DOWNSTREAM for key in self._partition.machine.changed)


class LateProducer:
    """The old mistake: takes the name only at the first write-out, after the recovery has read the changelog's end."""

    def __init__(self, client: Mapping[str, Any], topic: str, partition: int) -> None:
        """Nothing is fenced yet."""
        self._client, self.topic, self.partition = client, topic, partition
        self._producer: FencedProducer | None = None

    async def write(self, records: Sequence[tuple[str, bytes | None]]) -> int:
        """Fence now, and write."""
        if self._producer is None:
            self._producer = await self.start()
        return await self._producer.write(records)

    async def start(self) -> FencedProducer:
        """Take the name."""
        return await FencedProducer.start(self._client, self.topic, self.partition)

    async def stop(self) -> None:
        """Close it if it was opened."""
        if self._producer is not None:
            await self._producer.stop()


class Unfenced(LateProducer):
    """No fence at all: an ordinary idempotent producer."""

    async def start(self) -> FencedProducer:
        """Without a name."""
        producer = AIOKafkaProducer(**self._client, acks="all", enable_idempotence=True, linger_ms=1)
        await producer.start()
        return FencedProducer(producer, self.topic, self.partition)


class FaultyAcquisition(Acquisition):
    """Acquires partitions with a fence that is `early` (as it should be), `late` or `off`, and gives them faults."""

    mode = "early"
    faults = Faults()
    schedule: Callable[[OwnedPartition], Schedule] | None = None

    async def fence_one(self, partition: int, generation: int) -> Any:
        """The writer, with or without its fence."""
        if self.mode == "early":
            return await super().fence_one(partition, generation)
        make = LateProducer if self.mode == "late" else Unfenced
        return make(self._config.client, self._config.changelog, partition)

    async def own_one(self, tp: TP, log: InputLog, table: Any) -> OwnedPartition:
        """One partition, with faults."""
        partition = await super().own_one(tp, log, table)
        partition.faults = self.faults
        if self.schedule is not None:
            partition.schedule = self.schedule(partition)
        return partition


def faulty(
    config: WorkerConfig,
    mode: str,
    faults: Faults,
    schedule: Callable[[OwnedPartition], Schedule] | None = None,
) -> StageApp:
    """The product's application with a faulty acquisition; `schedule` makes another one for each owned partition."""

    def acquisition(*arguments: Any) -> Acquisition:
        made = FaultyAcquisition(*arguments)
        made.mode, made.faults, made.schedule = mode, faults, schedule
        return made

    return StageApp(config, acquisition)


def with_endless_thread(config: WorkerConfig) -> StageApp:
    """The product's application beside a thread that never ends, as Faust's may not."""
    threading.Thread(target=threading.Event().wait, name="endless").start()
    return StageApp(config)


def _downstream(cut: Cut) -> int:
    return sum(level_name(key) == DOWNSTREAM for key, _ in cut.rows)


Build = Callable[[WorkerConfig, Sequence[str]], StageApp]
BUILDS: dict[str, Build] = {
    "stop": lambda config, words: faulty(config, words[0], StopBetween()),
    "hold": lambda config, words: faulty(config, words[0], HoldThenDie(*words[1:]), WhenDownstream),
    "thread": lambda config, _: with_endless_thread(config),
    "none": lambda config, words: faulty(config, words[0], Faults()),
}
