"""Connects only to addresses that may be reached, and checks the very address that it connects to.

Checking a name first and connecting to the name later leaves a hole: the second look-up may answer
differently (DNS rebinding). So the name is looked up once, every address is judged, and the connection
goes to a judged number; TLS and the Host header still carry the name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress

import httpcore

from sinks.http.addresses import is_public
from sinks.http.resolver import Resolve
from streams.errors import Misconfigured

_TRIED = 4  # addresses of one name that are tried in turn


class Dialer(httpcore.AsyncNetworkBackend):
    """The network of an httpcore pool."""

    def __init__(self, resolve: Resolve, allow_private: bool) -> None:
        """`resolve` gives all addresses of a name; with `allow_private` none of them is judged."""
        self._resolve, self._allow_private = resolve, allow_private
        self._network: httpcore.AsyncNetworkBackend = httpcore.AnyIOBackend()  # pyright: ignore[reportAttributeAccessIssue]

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A stream to the first address that answers; Misconfigured where one of them is not public.

        A name with one private address is refused whole: choosing its public one would let its owner
        choose again.
        """
        addresses = await self._addresses(host, port, timeout)
        if not self._allow_private and not all(map(is_public, addresses)):
            raise Misconfigured(
                f"{host} has an address that is not public: set `allow_private` on the endpoint or "
                "TOCSIN_ALLOW_PRIVATE_WEBHOOKS if it is yours"
            )
        share = timeout / min(len(addresses), _TRIED) if timeout else None
        *others, last = addresses[:_TRIED]
        for address in others:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await self._network.connect_tcp(address, port, share, local_address, socket_options)
        return await self._network.connect_tcp(last, port, share, local_address, socket_options)

    async def _addresses(self, host: str, port: int, seconds: float | None) -> list[str]:
        try:
            async with asyncio.timeout(seconds):
                addresses = await self._resolve(host, port)
        except TimeoutError:
            raise httpcore.ConnectTimeout(f"the name {host} was not resolved in time") from None
        except (OSError, UnicodeError):
            raise httpcore.ConnectError(f"the name {host} has no address") from None
        if not addresses:
            raise httpcore.ConnectError(f"the name {host} has no address")
        return addresses

    async def sleep(self, seconds: float) -> None:
        """Wait; httpcore asks its network for that too."""
        await self._network.sleep(seconds)
