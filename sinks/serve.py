"""Channels from the settings to their end: clients, keys, the senders, and a loop around each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from sinks.canary.landing import CanaryLanding, landing_address
from sinks.channel import Channel
from sinks.channels.code import CodeUnsealing
from sinks.channels.registry import REGISTRY
from sinks.channels.resources import Resources
from sinks.channels.unseal import Unsealer
from sinks.channels.words import TemplateReporting
from sinks.http.client import HttpClient
from sinks.http.network import Network
from sinks.keys import seal_keys, signer
from sinks.metrics import CountedChannel, SinkMetrics
from sinks.runtime.clients import Clients, unless
from sinks.runtime.loop import Loop
from sinks.runtime.outcome_producer import OutcomeProducer
from streams.links.signed_links import Links
from streams.settings import Settings
from streams.signature import Signer
from streams.topics import DEAD_LETTER, NOTIFY, send

log = structlog.get_logger()


async def serve(names: Sequence[str], settings: Settings, stopping: asyncio.Event) -> None:
    """Run the channels until `stopping`; any exception of one of them is the end of this process."""
    keys = signer(settings)
    network = Network(settings.allow_private)
    sealed_with = seal_keys(settings)
    links = Links(settings.public_url, sealed_with)
    resources = Resources(Unsealer(sealed_with), network, HttpClient(network), links)
    metrics = SinkMetrics()
    metrics.listen(settings)
    channels: dict[str, Channel] = {
        name: CanaryLanding(
            CountedChannel(
                name, CodeUnsealing(TemplateReporting(REGISTRY[name](resources)), resources.unsealer), metrics
            ),
            resources.http,
            landing_address(settings),
        )
        for name in names
    }
    topics = [topic for name in names for topic in _topics(name)]
    try:
        opening = Clients.open(settings, [group(name) for name in names], [*topics, NOTIFY, DEAD_LETTER])
        if clients := await unless(stopping, opening):
            try:
                await _run(channels, clients, keys, settings, stopping)
            finally:
                await clients.close()
    finally:
        await resources.close()


async def _run(
    channels: dict[str, Channel], clients: Clients, keys: Signer, settings: Settings, stopping: asyncio.Event
) -> None:
    """A loop for each channel; where one ends of an exception, the others let their calls end and commit first."""
    producer, loops = OutcomeProducer(clients.producer, keys), []
    for name, channel in channels.items():
        loop = Loop(clients.consumers[group(name)], clients.admin, producer, keys, channel, settings)
        log.info("started", group=group(name), slot=settings.slot)
        loops.append(asyncio.create_task(loop.run(_topics(name), group(name), stopping)))
    await asyncio.wait(loops, return_when=asyncio.FIRST_EXCEPTION)
    stopping.set()
    for failure in await asyncio.gather(*loops, return_exceptions=True):
        if isinstance(failure, BaseException):
            raise failure


def group(name: str) -> str:
    """The consumer group of a channel."""
    return f"sink-{name}"


def _topics(name: str) -> list[str]:
    return [send(name, True), send(name, False)]
