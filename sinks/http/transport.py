"""Sessions of aiohttp, one for each endpoint, so that one that hangs does not hold another of the same host."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

KEPT = 256  # endpoints whose idle connections are kept
LONGEST_LINE = 65_536  # bytes of one line of a response's head


@dataclass(slots=True)
class EndpointSession:
    """The connections of one endpoint, and how many calls use them now."""

    client: aiohttp.ClientSession
    calls: int = 0


class Sessions:
    """HTTP/1.1 without proxies and cookies; the connections of endpoints that were not called lately are closed."""

    def __init__(self, connector: Callable[[], aiohttp.TCPConnector]) -> None:
        """`connector`: makes what connects for one endpoint."""
        self._connector = connector
        self._kept: OrderedDict[str, EndpointSession] = OrderedDict()

    @asynccontextmanager
    async def of(self, endpoint: str) -> AsyncIterator[aiohttp.ClientSession]:
        """The session of an endpoint, for the length of a call."""
        session = self._kept.get(endpoint)
        if session is None:
            await self._forget_oldest()
            session = self._kept.get(endpoint)  # another call may have opened it meanwhile
        if session is None:
            session = self._kept[endpoint] = EndpointSession(self._opened())
        self._kept.move_to_end(endpoint)
        session.calls += 1
        try:
            yield session.client
        finally:
            session.calls -= 1

    def _opened(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=self._connector(),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"user-agent": "tocsin/1", "accept-encoding": "gzip, deflate"},
            auto_decompress=False,
            trust_env=False,
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_LINE,
        )

    async def _forget_oldest(self) -> None:
        if len(self._kept) < KEPT:
            return
        for endpoint, session in self._kept.items():
            if not session.calls:
                del self._kept[endpoint]
                await session.client.close()
                return

    async def close(self) -> None:
        """Close all connections."""
        while self._kept:
            await self._kept.popitem()[1].client.close()
