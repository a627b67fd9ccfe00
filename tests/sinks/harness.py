"""What tests of channels build their channels with."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sinks.channels.resources import Resources
from sinks.channels.unseal import Unsealer
from sinks.http.client import HttpClient
from sinks.http.network import Network
from sinks.http.resolver import Resolve


def resources(
    keys: Sequence[str] = (),
    allow_private: bool = True,
    resolve: Resolve | None = None,
    tls: ssl.SSLContext | None = None,
) -> Resources:
    """Real resources; private addresses allowed unless told otherwise."""
    network = Network(allow_private, resolve)
    return Resources(Unsealer(keys), network, HttpClient(network, tls))


@asynccontextmanager
async def closing(shared: Resources) -> AsyncIterator[Resources]:
    """The resources, given back at the end."""
    try:
        yield shared
    finally:
        await shared.close()


async def nowhere(host: str, port: int) -> list[str]:
    """A resolver that finds no name."""
    return []


async def here(host: str, port: int) -> list[str]:
    """A resolver that finds every name on this machine."""
    return ["127.0.0.1"]
