"""Channels from the settings to their end: clients, keys, the senders, and a loop around each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from sinks.channel import Channel
from sinks.channels.registry import REGISTRY
from sinks.channels.resources import Resources
from sinks.channels.unseal import Unsealer
from sinks.http.client import HttpClient
from sinks.keys import seal_keys, signer
from sinks.runtime.clients import Clients, unless
from sinks.runtime.loop import Loop
from sinks.runtime.outcome_producer import OutcomeProducer
from streams.settings import Settings
from streams.signature import Signer
from streams.topics import DEAD_LETTER, NOTIFY, send

log = structlog.get_logger()


async def serve(names: Sequence[str], settings: Settings, stopping: asyncio.Event) -> None:
    """Run the channels until `stopping`; any exception of one of them is the end of this process."""
    keys = signer(settings)
    resources = Resources(Unsealer(seal_keys(settings)), HttpClient(settings.allow_private))
    try:
        async with asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(_serve(name, REGISTRY[name](resources), settings, keys, stopping))
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None  # the others follow from it, and one line says what to do
    finally:
        await resources.close()


async def _serve(
    name: str, channel: Channel, settings: Settings, keys: Signer, stopping: asyncio.Event
) -> None:
    group, topics = f"sink-{name}", [send(name, True), send(name, False)]
    clients = await unless(stopping, Clients.open(settings, group, [*topics, NOTIFY, DEAD_LETTER]))
    if clients is None:
        return
    log.info("started", group=group, slot=settings.slot)
    producer = OutcomeProducer(clients.producer, keys)
    loop = Loop(clients.consumer, clients.admin, producer, keys, channel, settings.session)
    try:
        await loop.run(topics, group, stopping)
    finally:
        await clients.close()
