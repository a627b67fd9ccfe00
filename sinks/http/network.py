"""Host names to the addresses that may be reached: all that connects to a receiver asks here.

Checking a name first and connecting to the name later leaves a hole: the second look-up may answer
differently (DNS rebinding). So the name is looked up once, every address is judged, and the connection
goes to a judged number; TLS still carries the name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sinks.http.addresses import is_public
from sinks.http.resolver import Resolve, Resolver
from streams.errors import Misconfigured

TRIED = 4  # addresses of one name that are tried in turn


class Network:
    """The machine's resolver, and whether every endpoint may reach private addresses."""

    def __init__(self, allow_private: bool = False, resolve: Resolve | None = None) -> None:
        """`allow_private`: for every endpoint; `resolve`: a name to all its addresses; the machine's unless given."""
        self.allow_private = allow_private
        self._resolver = Resolver()
        self._resolve: Resolve = resolve or self._resolver

    async def addresses(self, host: str, port: int, allow_private: bool, seconds: float | None) -> list[str]:
        """The addresses to try in turn; Misconfigured where one is not public, OSError without any, TimeoutError.

        A name with one private address is refused whole: choosing its public one would let its owner
        choose again.
        """
        try:
            async with asyncio.timeout(seconds):
                addresses = await self._resolve(host, port)
        except TimeoutError:
            raise TimeoutError(f"the name {host} was not resolved in time") from None
        except (OSError, UnicodeError):
            addresses = []
        if not addresses:
            raise OSError(f"the name {host} has no address")
        self.judge(host, addresses, allow_private)
        return addresses[:TRIED]

    def judge(self, host: str, addresses: Sequence[str], allow_private: bool) -> None:
        """Misconfigured where one of a host's addresses is not public, and nobody has allowed that."""
        if not (allow_private or self.allow_private or all(map(is_public, addresses))):
            raise Misconfigured(
                f"{host} has an address that is not public: set `allow_private` on the endpoint or "
                "TOCSIN_ALLOW_PRIVATE_WEBHOOKS if it is yours"
            )

    def close(self) -> None:
        """Give the resolver's threads back."""
        self._resolver.close()
