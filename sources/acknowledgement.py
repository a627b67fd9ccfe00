"""Waits until somebody has acknowledged an alert of a certain upstream, by listening to `changes`."""

from __future__ import annotations

import asyncio

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from streams import connection
from streams.errors import Broken, Refused
from streams.message import Body, decode
from streams.settings import Settings
from streams.topics import CHANGES

log = structlog.get_logger()
AGAIN = 1.0  # seconds until a broker or topic that is not there is looked for again


def acknowledges(change: Body, gateway: str, upstream: str) -> bool:
    """Whether this change says that somebody took the alert of this upstream."""
    if change.get("kind") != "change" or change.get("what") != "acknowledged":
        return False
    snapshot = change.get("snapshot") or {}
    labels = snapshot.get("labels") or {}
    return labels.get("upstream") == upstream and gateway in (labels.get("gateway"), snapshot.get("gateway"))


async def acknowledged(settings: Settings, gateway: str, upstream: str) -> None:
    """Return once such a change came after now; a broker or topic that is not there yet is waited for."""
    while True:
        # Without a group it reads all partitions; so it must ask often which there are.
        consumer = AIOKafkaConsumer(CHANGES, **connection.client(settings), metadata_max_age_ms=5_000)
        try:
            await consumer.start()
            return await _heard(consumer, gateway, upstream)
        except (KafkaError, OSError) as why:
            log.debug("cannot listen to changes yet", why=str(why))
        finally:
            await consumer.stop()
        await asyncio.sleep(AGAIN)


async def _heard(consumer: AIOKafkaConsumer, gateway: str, upstream: str) -> None:
    async for record in consumer:
        try:
            change = decode(record.value or b"")
        except (Refused, Broken):  # not ours to judge: the stages put it among the dead letters
            continue
        if acknowledges(change, gateway, upstream):
            return
