"""Which series have been seen lately: the newest part of `telemetry` is read, and nothing is kept.

For `tocsin doctor`: a rule whose series nobody sends is blind, and its author should hear of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition

from api.cached import Cached
from api.coverage.coverage import Origin, Seen
from api.coverage.readable import Owners
from streams.errors import Failure, Forged
from streams.messages.envelope import decode
from streams.messages.event import OWNERS, Event
from streams.signature import Signer
from streams.telemetry import samples
from streams.topics import TELEMETRY
from tables.detect.health import inventory

REMEMBERED = 2_000  # gateways of which the newest inventory is kept
BACK = 500  # messages of each partition
READ_TIMEOUT = 4.0  # seconds


class Telemetry(Protocol):
    """What knows the newest samples."""

    async def seen(self) -> Seen:
        """Series by who sent them, with their newest time."""
        ...

    def owners(self) -> Owners:
        """By gateway, what its newest inventory says, of all that have been seen since this process began."""
        ...


class KafkaTelemetry:
    """The real one: a reader without a group, which disturbs nobody."""

    def __init__(self, client: Mapping[str, Any], signer: Signer) -> None:
        """`client`: how to connect; `signer`: knows who may say whose a gateway is."""
        self._client, self._signer = client, signer
        self._owners: dict[str, inventory.Inventory] = {}
        self._recent: Cached[Seen] = Cached()

    async def seen(self) -> Seen:
        """The last messages of each partition, read in a few seconds at most, and again for who asks a little later."""
        return await self._recent.get(self._read)

    def owners(self) -> Owners:
        """What inventories have said."""
        return self._owners

    async def _read(self) -> Seen:
        seen: Seen = {}
        consumer = AIOKafkaConsumer(TELEMETRY, **self._client, enable_auto_commit=False)
        try:
            await consumer.start()
            with suppress(TimeoutError):  # what has been read until then is the answer
                async with asyncio.timeout(READ_TIMEOUT):
                    await self._read_on(consumer, await _sought(consumer), seen)
        finally:
            await consumer.stop()
        return seen

    async def _read_on(self, consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int], seen: Seen) -> None:
        while ends:
            for messages in (await consumer.getmany(timeout_ms=500)).values():
                for message in messages:
                    note(seen, message.value or b"")
                    note_owners(self._owners, message.value or b"", self._signer)
                    await asyncio.sleep(0)  # a message is a little work, and all of them are much
            ends = {place: end for place, end in ends.items() if await consumer.position(place) < end}


async def _sought(consumer: AIOKafkaConsumer) -> dict[TopicPartition, int]:
    """Go back a little in each partition; where each ends."""
    places = sorted(consumer.assignment())
    ends, begins = await consumer.end_offsets(places), await consumer.beginning_offsets(places)
    for place in places:
        consumer.seek(place, max(begins[place], ends[place] - BACK))
    return {place: ends[place] for place in places if ends[place] > begins[place]}


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


def note_owners(owners: dict[str, inventory.Inventory], raw: bytes, signer: Signer) -> None:
    """Remember what one message says of whose a gateway is, if it is an inventory that is believed."""
    if b'"inventory"' not in raw:
        return
    try:
        event = Event.read(decode(raw))
        signer.admit(raw, event.gateway)
        if event.type != OWNERS:
            return
        known = inventory.owners(event.attributes)
    except (Failure, Forged):
        return
    owners.pop(event.gateway, None)
    while len(owners) >= REMEMBERED:
        del owners[next(iter(owners))]
    owners[event.gateway] = known
