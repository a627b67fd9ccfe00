"""What the log of `telemetry` says afterwards: whether every frame is in it, and how far detect lagged behind."""

from __future__ import annotations

from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.topics import TELEMETRY
from tests.bench.ours import Ours

TICK = b'{"kind":"tick"'
SAMPLES = b'{"kind":"samples"'


async def audit(ours: Ours, ends: list[int], window: tuple[int, int]) -> dict[str, Any]:
    """Read the log up to `ends`; `window`: ms UTC of the first and last record to look at.

    `lag_ms` is the longest time between a tick and the last record that had been applied when it was said: what a
    tick finds in an idle partition is the tick before it, a second ago.
    """
    found = {"frames": 0, "lag_ms": 0}
    consumer = AIOKafkaConsumer(
        bootstrap_servers=ours.broker.bootstrap, enable_auto_commit=False, max_partition_fetch_bytes=16 << 20
    )
    await consumer.start()
    try:
        where = {TopicPartition(TELEMETRY, p): end for p, end in enumerate(ends)}
        consumer.assign(list(where))
        begins = await consumer.offsets_for_times(dict.fromkeys(where, window[0]))
        for one, end in where.items():
            consumer.seek(one, begins[one].offset if begins[one] else end)
        while left := [one for one, end in where.items() if await consumer.position(one) < end]:
            for records in (await consumer.getmany(*left, timeout_ms=1_000)).values():
                for record in records:
                    _note(found, record.value, record.timestamp, window)
    finally:
        await consumer.stop()
    return found


def _note(found: dict[str, int], raw: bytes, stamp: int, window: tuple[int, int]) -> None:
    if not window[0] <= stamp < window[1]:
        return
    if raw.startswith(SAMPLES):
        found["frames"] += 1
    elif raw.startswith(TICK):
        tick = orjson.loads(raw)
        found["lag_ms"] = max(found["lag_ms"], tick["at"] - tick["processed"])
