"""Connections of the HTTP client: only to addresses that were judged, never to a name that nobody looked up here.

A name is looked up and judged in `JudgedResolver`. An address in the URL itself is not looked up, and so each
socket asks once more before it connects.
"""

from __future__ import annotations

import socket
import ssl
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from sinks.http.network import Network

CONNECTIONS = 4  # to the receivers of one endpoint
IDLE = 15.0  # seconds that a connection is kept for the next call


class JudgedResolver(AbstractResolver):
    """Names to addresses that the network allows; Misconfigured where it does not."""

    def __init__(self, network: Network, allow_private: bool) -> None:
        """`allow_private`: whether the endpoints of this pool may reach private addresses."""
        self._network, self._allow_private = network, allow_private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses to try, in the order of the machine's resolver; OSError where there are none."""
        addresses = await self._network.addresses(host, port, self._allow_private, None)
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in addresses
        ]

    async def close(self) -> None:
        """The network is not ours."""


def connector(network: Network, allow_private: bool, tls: ssl.SSLContext) -> aiohttp.TCPConnector:
    """What connects for one endpoint; `tls`: whose certificates are believed."""

    def judged(address: Any) -> socket.socket:
        family, kind, protocol, _, place = address
        network.judge(place[0], [place[0]], allow_private)
        return socket.socket(family, kind, protocol)

    return aiohttp.TCPConnector(
        resolver=JudgedResolver(network, allow_private),
        use_dns_cache=False,
        ssl=tls,
        limit=CONNECTIONS,
        keepalive_timeout=IDLE,
        socket_factory=judged,
    )
