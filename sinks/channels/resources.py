"""What channels need to make a call, made once a process and shared by all of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from sinks.channels.unseal import Unsealer
from sinks.http.client import HttpClient
from sinks.http.network import Network
from streams.links.signed_links import Links


@dataclass(frozen=True, slots=True)
class Resources:
    """What opens sealed endpoints, what may be connected to, what speaks HTTP there, and what makes links to us."""

    unsealer: Unsealer
    network: Network
    http: HttpClient
    links: Links = field(default_factory=lambda: Links("", ()))

    async def close(self) -> None:
        """Give back connections; no attempt comes after this."""
        await self.http.close()
        self.network.close()
