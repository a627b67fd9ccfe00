"""What channels need to make a call, made once a process and shared by all of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from sinks.channels.unseal import Unsealer
from sinks.http.client import HttpClient


@dataclass(frozen=True, slots=True)
class Resources:
    """What opens sealed endpoints, and what connects to receivers."""

    unsealer: Unsealer
    http: HttpClient = field(default_factory=HttpClient)

    async def close(self) -> None:
        """Give back connections; no attempt comes after this."""
        await self.http.close()
