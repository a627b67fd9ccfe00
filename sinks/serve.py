"""One channel from the settings to its end: clients, keys, the channel itself, and the loop around it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from sinks.channel import Channel
from sinks.clients import Clients, unless
from sinks.keys import seal_keys, signer
from sinks.log import Log
from sinks.loop import Loop
from sinks.teller import Teller
from sinks.unseal import Unsealer
from sinks.webhook import Webhook
from streams.settings import Settings
from streams.topics import DEAD_LETTER, NOTIFY, send

CHANNELS: dict[str, Callable[[Settings], Channel]] = {
    "webhook": lambda settings: Webhook(Unsealer(seal_keys(settings)), settings.allow_private),
    "log": lambda _: Log(),
}
log = structlog.get_logger()


async def serve(name: str, settings: Settings, stopping: asyncio.Event) -> None:
    """Run the channel `name` until `stopping`; any exception is the end of this process."""
    keys, channel = signer(settings), CHANNELS[name](settings)
    group, topics = f"sink-{name}", [send(name, True), send(name, False)]
    clients = await unless(stopping, Clients.open(settings, group, [*topics, NOTIFY, DEAD_LETTER]))
    if clients is None:
        return
    log.info("started", group=group, slot=settings.slot)
    loop = Loop(
        clients.consumer, clients.admin, Teller(clients.producer, keys), keys, channel, settings.session
    )
    try:
        await loop.run(topics, group, stopping)
    finally:
        await clients.close()
        await channel.close()
