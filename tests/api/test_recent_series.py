"""The newest telemetry is read partition by partition, and what comes meanwhile troubles nobody."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from aiokafka import TopicPartition

from api.coverage.recent_batches import RecentBatches
from api.coverage.recent_series import KafkaTelemetry, RecentSpan
from streams.signature import Signer
from streams.telemetry import samples

QUIET, BUSY = TopicPartition("telemetry", 0), TopicPartition("telemetry", 1)
BATCH = next(iter(samples.frame("g", "s", 5, ["cpu"], [1.0])))


class Log:
    """Two partitions: one is read to its end at once, and goes on growing while the other is read."""

    def __init__(self) -> None:
        self.positions = {QUIET: 0, BUSY: 0}

    async def getmany(self, timeout_ms: int) -> dict[TopicPartition, list[Any]]:
        """One record of each."""
        records = {place: [SimpleNamespace(offset=at, value=BATCH)] for place, at in self.positions.items()}
        self.positions = {place: at + 1 for place, at in self.positions.items()}
        return records

    async def position(self, place: TopicPartition) -> int:
        """The next offset."""
        return self.positions[place]


async def test_a_partition_that_grows_while_others_are_read() -> None:
    """What it held at the beginning was read; the rest is for who asks next."""
    telemetry, batches = KafkaTelemetry({}, Signer([b"k" * 32])), RecentBatches()
    spans = {QUIET: RecentSpan(0, 1), BUSY: RecentSpan(0, 3)}
    await telemetry._read_on(cast(Any, Log()), spans, batches)
    assert len(batches.seen) > 0
