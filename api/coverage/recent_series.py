"""Which series have been seen lately: the newest part of `telemetry` is read, and nothing is kept.

For `tocsin doctor`: a rule whose series nobody sends is blind, and its author should hear of it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition

from api.cached import Cached
from api.coverage.coverage import Origin, Seen
from api.coverage.readable import Owners
from api.coverage.recent_batches import RecentBatches
from streams.errors import Failure
from streams.messages.envelope import decode
from streams.messages.event import OWNERS, Event
from streams.signature import Signer
from streams.telemetry.layout import REPEAT
from streams.topics import TELEMETRY
from tables.detect.health import inventory

REMEMBERED = 2_000  # gateways of which the newest inventory is kept
BACK = 500  # messages of each partition
BEFORE = 2 * REPEAT  # ms; so far back messages are read as well for the lists of series that those name
READ_TIMEOUT = 4.0  # seconds


class RecentSpan(NamedTuple):
    """Offsets of one partition: of the first message that is taken, and behind the last one."""

    newest: int
    end: int


class Telemetry(Protocol):
    """What knows the newest samples."""

    async def seen(self) -> Seen:
        """Series by who sent them, with their newest time."""
        ...

    def unlisted(self) -> Mapping[Origin, int]:
        """By source, how many of its batches among them name a list of series that was not told before."""
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
        self._unlisted: Mapping[Origin, int] = {}

    async def seen(self) -> Seen:
        """The last messages of each partition, read in a few seconds at most, and again for who asks a little later."""
        return await self._recent.get(self._read)

    def unlisted(self) -> Mapping[Origin, int]:
        """Those that were read last."""
        return self._unlisted

    def owners(self) -> Owners:
        """What inventories have said."""
        return self._owners

    async def _read(self) -> Seen:
        batches = RecentBatches()
        consumer = AIOKafkaConsumer(TELEMETRY, **self._client, enable_auto_commit=False)
        try:
            await consumer.start()
            with suppress(TimeoutError):  # what has been read until then is the answer
                async with asyncio.timeout(READ_TIMEOUT):
                    await self._read_on(consumer, await _sought(consumer), batches)
        finally:
            await consumer.stop()
        self._unlisted = batches.unlisted
        return batches.seen

    async def _read_on(
        self, consumer: AIOKafkaConsumer, spans: dict[TopicPartition, RecentSpan], batches: RecentBatches
    ) -> None:
        while spans:
            for place, messages in (await consumer.getmany(timeout_ms=500)).items():
                if (span := spans.get(place)) is None:
                    continue  # it was read to its end, as that was when the reading began
                for message in messages:
                    if message.offset < span.newest:
                        batches.learn(message.value or b"")
                        continue
                    batches.note(message.value or b"")
                    note_owners(self._owners, message.value or b"", self._signer)
                    await asyncio.sleep(0)  # a message is a little work, and all of them are much
            spans = {
                place: span for place, span in spans.items() if await consumer.position(place) < span.end
            }


async def _sought(consumer: AIOKafkaConsumer) -> dict[TopicPartition, RecentSpan]:
    """Go back a little in each partition."""
    places = sorted(consumer.assignment())
    ends, begins = await consumer.end_offsets(places), await consumer.beginning_offsets(places)
    since = time.time_ns() // 1_000_000 - BEFORE
    lists = await consumer.offsets_for_times(dict.fromkeys(places, since))
    spans: dict[TopicPartition, RecentSpan] = {}
    for place in places:
        newest = max(begins[place], ends[place] - BACK)
        first = lists[place]
        consumer.seek(place, newest if first is None else min(newest, first.offset))
        if ends[place] > begins[place]:
            spans[place] = RecentSpan(newest, ends[place])
    return spans


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
    except Failure:
        return
    owners.pop(event.gateway, None)
    while len(owners) >= REMEMBERED:
        del owners[next(iter(owners))]
    owners[event.gateway] = known
