"""The telemetry of a span of time, read back from Kafka: a reader without a group, which disturbs nobody.

It runs in the process of a trial, which has no loop of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner

from api.trials.recorded.recording import RecordedSpan, Take
from api.trials.trial import Report
from streams.connection import client
from streams.errors import Unavailable
from streams.settings import Settings
from streams.topics import TELEMETRY

CHUNK = 8 << 20  # bytes that are asked for at once
AWAY = "the broker does not answer: what it has recorded cannot be read; try again shortly"
Places = dict[TopicPartition, int]  # partitions with an offset each


def read_records(settings: Settings, wanted: RecordedSpan, take: Take, report: Report) -> None:
    """Hand on each record of the span, and those shortly before it, which tell lists of series.

    Unavailable where the broker is away.
    """
    try:
        asyncio.run(_read(client(settings), wanted, take, report))
    except (KafkaError, OSError, TimeoutError) as why:
        raise Unavailable(f"{AWAY} ({type(why).__name__})") from None


async def _read(arguments: Mapping[str, Any], wanted: RecordedSpan, take: Take, report: Report) -> None:
    consumer = AIOKafkaConsumer(
        TELEMETRY, **{**arguments, "request_timeout_ms": 5_000}, enable_auto_commit=False,
        max_partition_fetch_bytes=CHUNK, fetch_max_bytes=4 * CHUNK,
    )  # fmt: skip
    try:
        await consumer.start()
        begins, ends = await _sought(consumer, wanted)
        whole = sum(ends[place] - begins[place] for place in ends)
        left = dict(ends)
        while left:
            for place, records in (await consumer.getmany(*left, timeout_ms=500)).items():
                for record in records:
                    if record.offset < ends[place]:
                        take(
                            record.timestamp,
                            (record.key or b"").decode(errors="replace"),
                            record.value or b"",
                        )
            at = {place: await consumer.position(place) for place in ends}
            report(min(1.0, sum(at[place] - begins[place] for place in ends) / whole))
            left = {place: end for place, end in left.items() if at[place] < end}
    finally:
        with suppress(KafkaError, OSError):
            await consumer.stop()


async def _sought(consumer: AIOKafkaConsumer, wanted: RecordedSpan) -> tuple[Places, Places]:
    """Go to what is read first; where that is, and where it ends, by partition that can hold some of it."""
    every = sorted(consumer.assignment())
    places = _of_gateway(every, wanted.gateway) if wanted.gateway else every
    starts = await consumer.offsets_for_times(dict.fromkeys(places, wanted.first))
    ends = await consumer.end_offsets(places)
    begins = {
        place: start.offset
        for place, start in starts.items()
        if start is not None and start.offset < ends[place]
    }
    consumer.pause(*(place for place in every if place not in begins))
    for place, offset in begins.items():
        consumer.seek(place, offset)
    return begins, {place: ends[place] for place in begins}


def _of_gateway(every: list[TopicPartition], gateway: str) -> list[TopicPartition]:
    """The partition of a gateway, found as every client of Kafka finds it by the key."""
    numbers = [place.partition for place in every]
    number = DefaultPartitioner()(gateway.encode(), numbers, numbers)
    return [place for place in every if place.partition == number]
