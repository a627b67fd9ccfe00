"""After a worker of detect is killed: until it judges again, and until another one judges in its stead.

A partition is judged again when a tick in its log says that a record younger than the kill was applied; ticks come
once a second, so each figure is up to that much too long. The worker is started again at once, as the supervisor does.
"""

from __future__ import annotations

import asyncio
import signal
import time
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer

from streams.topics import TELEMETRY
from tests.bench.options import Options
from tests.chaos.ground import Ground
from tests.chaos.process import Process

LIMIT = 60.0  # seconds


def measure(options: Options) -> dict[str, Any]:
    """Seconds of each round, with the session that a takeover has to wait for."""
    ground = Ground(options.folder, options={"TOCSIN_SESSION": "10s"}).start()
    workers = {slot: _worker(ground, slot) for slot in ("a", "b")}
    try:
        for worker in workers.values():
            worker.until('"owned"')
        asyncio.run(judging(ground.broker.bootstrap, ground.partitions, int(time.time() * 1_000)))
        again = [_again(ground, workers["a"]) for _ in range(options.rounds)]
        return {"session": 10.0, "same_worker": again, "another_worker": _never(ground, workers["b"])}
    finally:
        for worker in workers.values():
            worker.end()
        ground.broker.stop()


def _worker(ground: Ground, slot: str) -> Process:
    return Process(f"detect-{slot}", ground.folder / "log", ground.environment, "agents", "detect")


def _kill(worker: Process) -> float:
    worker.signal(signal.SIGKILL)
    killed = time.time()
    worker.wait()
    return killed


def _again(ground: Ground, worker: Process) -> dict[str, float]:
    """Killed and started at once; when each step was reached, and when all is judged again."""
    killed = _kill(worker)
    worker.start()
    took = {"start": time.time() - killed}
    for step in ("fenced", "owned"):
        worker.until(f'"said":"{step}"')
        took[step] = time.time() - killed
    return took | {
        "judging": asyncio.run(judging(ground.broker.bootstrap, ground.partitions, int(killed * 1_000)))
        - killed
    }


def _never(ground: Ground, worker: Process) -> float:
    """Killed for good."""
    killed = _kill(worker)
    return asyncio.run(judging(ground.broker.bootstrap, ground.partitions, int(killed * 1_000))) - killed


async def judging(bootstrap: str, partitions: int, since: int, limit: float = LIMIT) -> float:
    """When every partition has a tick that says that a record younger than `since`, ms UTC, was applied."""
    consumer = AIOKafkaConsumer(TELEMETRY, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    lacks, end = set(range(partitions)), time.monotonic() + limit
    try:
        while lacks:
            assert time.monotonic() < end, f"partitions {lacks} were not judged again in {limit:.0f} s"
            for records in (await consumer.getmany(timeout_ms=100)).values():
                lacks -= {
                    one.partition for one in records if orjson.loads(one.value).get("processed", 0) > since
                }
        return time.time()
    finally:
        await consumer.stop()
