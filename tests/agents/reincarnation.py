"""Deletes a topic and has our tool make it anew, as an operator might by mistake."""

from __future__ import annotations

import asyncio

from aiokafka.admin import AIOKafkaAdminClient

from deploy.kafka.topics import Topics
from tests.chaos.ground import Ground


async def reincarnate(ground: Ground, topic: str) -> None:
    """The topic is empty afterwards, and another incarnation."""
    admin = AIOKafkaAdminClient(bootstrap_servers=ground.broker.bootstrap)
    await admin.start()
    try:
        await admin.delete_topics([topic])
        while topic in await admin.list_topics():  # noqa: ASYNC110 - Kafka does not tell
            await asyncio.sleep(0.1)
    finally:
        await admin.close()
    await Topics(ground.settings, ground.signer).create()
