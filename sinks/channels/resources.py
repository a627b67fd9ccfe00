"""What channels need to make a call, made once a process and shared by all of them."""

from __future__ import annotations

from dataclasses import dataclass

from sinks.channels.unseal import Unsealer
from sinks.http.client import HttpClient
from sinks.http.network import Network


@dataclass(frozen=True, slots=True)
class Resources:
    """What opens sealed endpoints, what may be connected to, and what speaks HTTP there."""

    unsealer: Unsealer
    network: Network
    http: HttpClient

    async def close(self) -> None:
        """Give back connections; no attempt comes after this."""
        await self.http.close()
        self.network.close()
