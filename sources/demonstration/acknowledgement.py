"""Waits until somebody has acknowledged an alert of a certain upstream, by reading `changes` from an instant on."""

from __future__ import annotations

import asyncio

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from streams import connection
from streams.errors import Broken, Refused
from streams.messages.envelope import Body, decode
from streams.settings import Settings
from streams.topics import CHANGES

log = structlog.get_logger()
AGAIN = 1.0  # seconds until a broker or topic that is not there is looked for again


def acknowledges(change: Body, gateway: str, upstream: str) -> bool:
    """Whether this change says that somebody took the alert of this upstream, or resolved it by hand."""
    answered = change.get("what") == "acknowledged" or (change.get("what") == "resolved" and change.get("by"))
    if change.get("kind") != "change" or not answered:
        return False
    alert = change.get("alert") or {}
    labels = alert.get("labels") or {}
    return labels.get("upstream") == upstream and gateway in (labels.get("gateway"), alert.get("gateway"))


async def acknowledged(settings: Settings, gateway: str, upstream: str, since: int) -> None:
    """Return once there is such a change of after `since`, ms UTC; what is not there yet is waited for."""
    while True:
        # Without a group it reads all partitions; so it must ask often which there are.
        consumer = AIOKafkaConsumer(
            CHANGES, **connection.client(settings), metadata_max_age_ms=5_000, auto_offset_reset="earliest"
        )
        try:
            await consumer.start()
            await _begin(consumer, since)
            return await _heard(consumer, gateway, upstream, since)
        except (KafkaError, OSError) as why:
            log.debug("cannot listen to changes yet", why=str(why))
        finally:
            await consumer.stop()
        await asyncio.sleep(AGAIN)


async def _begin(consumer: AIOKafkaConsumer, since: int) -> None:
    """Pass over what is older, and where all of it is older, to the end."""
    places = dict.fromkeys(consumer.assignment(), since)
    # the ends first: what comes between the two questions is read
    ends = await consumer.end_offsets(list(places)) if places else {}
    firsts = await consumer.offsets_for_times(places) if places else {}
    for place, first in firsts.items():
        consumer.seek(place, first.offset if first else ends[place])


async def _heard(consumer: AIOKafkaConsumer, gateway: str, upstream: str, since: int) -> None:
    async for record in consumer:
        if record.timestamp < since:
            continue
        try:
            change = decode(record.value or b"")
        except (Refused, Broken):  # not ours to judge: the stages put it among the dead letters
            continue
        if acknowledges(change, gateway, upstream):
            return
