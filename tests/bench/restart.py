"""A start of detect from its rows, with all series known: seconds from the command until each partition judges again.

Each series comes once, then the worker is ended and started. A partition judges when a tick says that a record younger
than the start was applied; ticks come once a second, so the figure is up to that much too long.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer

from sources.bridge.frames import METRICS, Frames
from streams.topics import TELEMETRY
from tests.bench.catcher import Catcher
from tests.bench.load import Load, head, name, rules
from tests.bench.machine import bridges
from tests.bench.options import Options
from tests.bench.ours import READY, Ours
from tests.bench.resume import judging

SERIES = 300_000
BIRTH = 600.0  # seconds in which all series must have become known
AGAIN = 24  # gateways that speak after the start: some of each partition
PAUSE = 0.25  # seconds between two new gateways: a new series costs a hundred times a known one


def measure(options: Options) -> dict[str, Any]:
    """Seconds until it owns its partitions, and until all of them judge; with its local rows."""
    load = Load(SERIES // options.series, options.series)
    with Catcher() as catcher, Ours(options.folder, catcher.port) as ours:
        ours.configure(rules(options.rules))
        makers = bridges(load)
        asyncio.run(
            _told(ours, load, [(gateway, makers[gateway]) for gateway in range(load.gateways)], PAUSE)
        )
        asyncio.run(judging(ours.settings.bootstrap, ours.settings.partitions, _now(), BIRTH))
        detect = ours.processes["detect"]
        detect.end()
        began = time.time()
        detect.start()
        detect.until(READY["detect"])
        owned = time.time() - began
        asyncio.run(_told(ours, load, list(enumerate(makers[:AGAIN])), 0.0))
        judged = asyncio.run(judging(ours.settings.bootstrap, ours.settings.partitions, int(began * 1_000)))
        return {"series": load.rate, "owned_s": round(owned, 2), "judging_s": round(judged - began, 2)}


async def _told(ours: Ours, load: Load, makers: Sequence[tuple[int, Frames]], pause: float) -> None:
    """A frame of each gateway."""
    producer = AIOKafkaProducer(bootstrap_servers=ours.settings.bootstrap, compression_type="lz4")
    await producer.start()
    for gateway, frames in makers:
        text = (head(gateway, 0.0) + load.tail(gateway, 0)).decode()
        for raw in frames.scraped(METRICS, _now(), text):
            await producer.send(TELEMETRY, raw, key=name(gateway).encode())
        await asyncio.sleep(pause)
    await producer.stop()


def _now() -> int:
    return time.time_ns() // 1_000_000
