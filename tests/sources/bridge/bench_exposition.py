"""Measures the bridge: CPU per sample from exposition text to acknowledged batch; run by hand, never by pytest.

    python tests/sources/bridge/bench_exposition.py [host:port]     prints JSON; without a broker only what precedes it

100 000 gauge series of 50 gateways, one frame each: the shape of `make bench`.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections.abc import Callable

from aiokafka import AIOKafkaProducer, codec
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from sources.bridge.exposition import Exposition
from sources.bridge.frames import Frames
from sources.telemetry.publisher import Publisher, producer
from streams.settings import Settings
from streams.topics import TELEMETRY

GATEWAYS, SERIES, ROUNDS = 50, 2_000, 5
SAMPLES = GATEWAYS * SERIES


def scrape(gateway: int) -> str:
    """One gateway's exposition."""
    lines = (
        f'gauge_{k % 20}{{handler="/v1/tools/{k}",method="GET",upstream="{gateway}-{k % 97}"}} {random.random() * 1e3}'
        for k in range(SERIES)
    )
    return "# HELP gauges of a benchmark\n" + "\n".join(lines) + "\n"


def cost(work: Callable[[], object]) -> float:
    """The least CPU time of some rounds, in µs per sample."""
    spent = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        spent.append(time.process_time() - begun)
    return round(min(spent) / SAMPLES * 1e6, 3)


def naive(text: str) -> tuple[list[str], list[float]]:
    """The obvious reader, as a measure of this machine at this moment."""
    series, values = [], []
    for line in text.split("\n"):
        if line and line[0] != "#":
            name, _, value = line.rpartition(" ")
            series.append(name)
            values.append(float(value))
    return series, values


async def published(
    bootstrap: str, frames: list[list[bytes]], make: Callable[[Settings], AIOKafkaProducer]
) -> float:
    """CPU of this process per sample, from messages to their acknowledgement."""
    settings = Settings(bootstrap=bootstrap)
    publisher = Publisher(lambda: make(settings))
    spent = []
    for at in range(ROUNDS + 1):
        begun = time.process_time()
        for gateway, bodies in enumerate(frames):
            publisher.publish(f"gateway-{gateway}", at, bodies)
        while publisher.waiting:
            await publisher.flush()
        spent.append(time.process_time() - begun)
    await publisher.close(1.0)
    return round(min(spent[1:]) / SAMPLES * 1e6, 3)


async def topic(bootstrap: str) -> None:
    """`telemetry`, if it is not there."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    if TELEMETRY not in await admin.list_topics():
        config = {
            "compression.type": "lz4",
            "message.timestamp.type": "LogAppendTime",
            "max.message.bytes": str(1 << 20),
        }
        await admin.create_topics([NewTopic(TELEMETRY, 4, 1, topic_configs=config)])
    await admin.close()


def main(bootstrap: str | None) -> dict[str, float]:
    """All figures, µs of CPU per sample."""
    texts = [scrape(gateway) for gateway in range(GATEWAYS)]
    readers = [Exposition() for _ in texts]
    bridges = [Frames(f"gateway-{k}") for k in range(GATEWAYS)]
    plain, _, frames = (_polled(bridges, texts, at) for at in range(3))
    figures = {
        "naive_parse": cost(lambda: [naive(text) for text in texts]),
        "parse": cost(lambda: [reader.read(text) for reader, text in zip(readers, texts, strict=True)]),
        "parse_and_encode": cost(lambda: _polled(bridges, texts, 3)),
        "bytes_per_sample_with_texts": _bytes(plain),
        "lz4_level_9": cost(lambda: [codec.lz4_encode(body) for bodies in frames for body in bodies]),
        "lz4_level_1": cost(lambda: [codec.lz4_encode(body, 1) for bodies in frames for body in bodies]),
        "bytes_per_sample": _bytes(frames),
    }
    if bootstrap:
        asyncio.run(topic(bootstrap))
        figures["publish"] = asyncio.run(published(bootstrap, frames, producer))
        figures["total"] = round(figures["parse_and_encode"] + figures["publish"], 3)
    return figures


def _polled(bridges: list[Frames], texts: list[str], at: int) -> list[list[bytes]]:
    """One scrape of each gateway as messages."""
    return [bridge.scraped("bridge/metrics", at, text) for bridge, text in zip(bridges, texts, strict=True)]


def _bytes(frames: list[list[bytes]]) -> float:
    return round(sum(len(body) for bodies in frames for body in bodies) / SAMPLES, 1)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1] if len(sys.argv) > 1 else None), indent=1) + "\n")
