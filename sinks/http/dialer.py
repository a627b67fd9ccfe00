"""The network of an httpcore pool: connects only to addresses that were judged, never to a name."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import httpcore

from sinks.http.network import Network


class Dialer(httpcore.AsyncNetworkBackend):
    """Connects where the network allows; Misconfigured where it does not."""

    def __init__(self, network: Network, allow_private: bool) -> None:
        """`allow_private`: whether the endpoints of this pool may reach private addresses."""
        self._network, self._allow_private = network, allow_private
        self._sockets: httpcore.AsyncNetworkBackend = httpcore.AnyIOBackend()  # pyright: ignore[reportAttributeAccessIssue]

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A stream to the first address that answers."""
        try:
            addresses = await self._network.addresses(host, port, self._allow_private, timeout)
        except TimeoutError as why:
            raise httpcore.ConnectTimeout(str(why)) from None
        except OSError as why:
            raise httpcore.ConnectError(str(why)) from None
        share = timeout / len(addresses) if timeout else None
        *others, last = addresses
        for address in others:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await self._sockets.connect_tcp(address, port, share, local_address, socket_options)
        return await self._sockets.connect_tcp(last, port, share, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """Wait; httpcore asks its network for that too."""
        await self._sockets.sleep(seconds)
