"""Which series have been seen lately: the newest part of `telemetry` is read, and nothing is kept.

For `tocsin doctor`: a rule whose series nobody sends is blind, and its author should hear of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition

from api.coverage.coverage import Origin, Seen
from streams import samples
from streams.errors import Failure
from streams.messages.envelope import decode
from streams.topics import TELEMETRY

BACK = 500  # messages of each partition
PATIENCE = 4.0  # seconds


class Telemetry(Protocol):
    """What knows the newest samples."""

    async def seen(self) -> Seen:
        """Series by who sent them, with their newest time."""
        ...


class KafkaTelemetry:
    """The real one: a reader without a group, which disturbs nobody."""

    def __init__(self, client: Mapping[str, Any]) -> None:
        """`client`: how to connect."""
        self._client = client

    async def seen(self) -> Seen:
        """Read the last messages of each partition, for at most a few seconds."""
        seen: Seen = {}
        consumer = AIOKafkaConsumer(TELEMETRY, **self._client, enable_auto_commit=False)
        try:
            await consumer.start()
            with suppress(TimeoutError):  # what has been read until then is the answer
                async with asyncio.timeout(PATIENCE):
                    await _read_on(consumer, await _sought(consumer), seen)
        finally:
            await consumer.stop()
        return seen


async def _sought(consumer: AIOKafkaConsumer) -> dict[TopicPartition, int]:
    """Go back a little in each partition; where each ends."""
    places = sorted(consumer.assignment())
    ends, begins = await consumer.end_offsets(places), await consumer.beginning_offsets(places)
    for place in places:
        consumer.seek(place, max(begins[place], ends[place] - BACK))
    return {place: ends[place] for place in places if ends[place] > begins[place]}


async def _read_on(consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int], seen: Seen) -> None:
    while ends:
        for messages in (await consumer.getmany(timeout_ms=500)).values():
            for message in messages:
                note(seen, message.value or b"")
        ends = {place: end for place, end in ends.items() if await consumer.position(place) < end}


def note(seen: Seen, raw: bytes) -> None:
    """Add what one message shows; what is no batch of samples shows nothing."""
    try:
        message = decode(raw)
        batch = samples.read(message) if message["kind"] == "samples" else None
    except Failure:
        return
    if batch is None:
        return
    origin = Origin(batch.gateway, batch.source)
    for series in filter(_is_text, batch.series):
        times = seen.setdefault(series, {})
        times[origin] = max(batch.at, times.get(origin, 0))


def _is_text(series: object) -> bool:
    return isinstance(series, str)  # outsiders send what they like; detect refuses it with a reason
