"""A transport for httpx over a connection pool whose network we choose; httpx itself offers no place for one.

Written on httpcore's public classes, for a private attribute that is renamed one day would leave
webhooks unguarded without a word.
"""

from __future__ import annotations

import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpcore
import httpx

POOL = "pool"  # the extension of a request that says whose connections it uses
KEPT = 256  # pools with idle connections
_CONNECTIONS = 4  # of one pool


class Transport(httpx.AsyncBaseTransport):
    """HTTP/1.1 through `network`; no proxy, no redirect, no retry.

    Each endpoint has a pool of its own: httpcore's work for a request grows with the square of a pool's
    connections, and an endpoint that hangs must not hold another of the same host.
    """

    def __init__(self, network: httpcore.AsyncNetworkBackend, tls: ssl.SSLContext) -> None:
        """`tls`: whose certificates are believed."""
        self._network, self._tls = network, tls
        self._pools: OrderedDict[str, httpcore.AsyncConnectionPool] = OrderedDict()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange; httpx's own exceptions where the network fails."""
        assert isinstance(request.stream, httpx.AsyncByteStream)
        url = request.url
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        await self._forget_oldest()
        with _translated():
            got = await self._pool(str(request.extensions.get(POOL, ""))).handle_async_request(asked)
        return httpx.Response(got.status, headers=got.headers, stream=_Stream(got), extensions=got.extensions)

    def _pool(self, name: str) -> httpcore.AsyncConnectionPool:
        if name not in self._pools:
            self._pools[name] = httpcore.AsyncConnectionPool(
                ssl_context=self._tls,
                max_connections=_CONNECTIONS,
                keepalive_expiry=15.0,
                network_backend=self._network,
            )
        self._pools.move_to_end(name)
        return self._pools[name]

    async def _forget_oldest(self) -> None:
        if len(self._pools) < KEPT:
            return
        for name, pool in self._pools.items():
            if all(connection.is_idle() for connection in pool.connections):
                del self._pools[name]
                await pool.aclose()
                return

    async def aclose(self) -> None:
        """Close all connections."""
        while self._pools:
            await self._pools.popitem()[1].aclose()


class _Stream(httpx.AsyncByteStream):
    """The body of a response, with the network's failures in httpx's words."""

    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _translated():
            async for piece in self._response.aiter_stream():
                yield piece

    async def aclose(self) -> None:
        """Give the connection back, or close it where the body was not read to its end."""
        await self._response.aclose()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except httpcore.ConnectTimeout as why:
        raise httpx.ConnectTimeout(str(why)) from why
    except httpcore.PoolTimeout as why:
        raise httpx.PoolTimeout(str(why)) from why
    except httpcore.ConnectError as why:
        raise httpx.ConnectError(str(why)) from why
    except httpcore.TimeoutException as why:
        raise httpx.TimeoutException(str(why)) from why
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as why:
        raise httpx.TransportError(str(why)) from why
