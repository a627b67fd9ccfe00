"""One HTTP exchange for a channel: a request in; the response, or the answer that its failure gives, out.

Every channel that speaks HTTP calls through here, and so none of them reaches a private address, follows a
redirect, waits longer than ten seconds or reads an answer without end.
"""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
import time
import zlib
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

import aiohttp
import certifi

from sinks.http.address import CalledAddress, address_of
from sinks.http.dialer import connector
from sinks.http.failure import failed, late
from sinks.http.network import Network
from sinks.http.transport import Sessions
from sinks.outcome import Answer, Rejected, Retry
from streams.errors import Misconfigured
from streams.outcome_code import OutcomeCode

CALL = 10.0  # seconds for one exchange as a whole; a receiver that drips bytes cannot stretch it
LARGEST = 65_536  # bytes of a response body that are read
CONNECTING = 0.9  # of that, to be connected in: whoever is not by then was sent nothing
READING = 1.0  # seconds of a response body that nobody needs, read only to keep the connection
_PACKED = frozenset({"gzip", "x-gzip", "deflate"})
_ANY_HEAD = 47  # zlib's window for a gzip head or one of its own


@dataclass(frozen=True, slots=True)
class Request:
    """What to send. `to` names the endpoint whose connections are used."""

    to: str
    url: str = field(repr=False)
    content: bytes = field(repr=False, default=b"")
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)
    method: str = "POST"
    allow_private: bool = False
    needs_body: bool = False  # whether the answer cannot be judged without its body


@dataclass(frozen=True, slots=True)
class Response:
    """What came back: `place` is scheme and host, for reasons; `body` is cut at 64 kB."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    place: str


class HttpClient:
    """Connections to receivers.

    It has two sets of sessions, for a connection opened where private addresses are allowed must not serve an
    endpoint for which they are not.
    """

    def __init__(
        self,
        network: Network,
        tls: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`network`: where it may connect; `tls`: whose certificates are believed; `clock`: seconds UTC."""
        logging.getLogger("aiohttp").setLevel(logging.CRITICAL)  # what it logs may hold whole addresses
        self.clock = clock
        self.tls = tls or trusted()
        self._sessions = {
            free: Sessions(partial(connector, network, free, self.tls)) for free in (False, True)
        }

    def now(self) -> int:
        """Now in ms UTC."""
        return int(self.clock() * 1000)

    async def exchange(self, request: Request) -> Response | Retry | Rejected:
        """The response to `request`; reasons show scheme and host, never more."""
        address = address_of(request.url)
        if isinstance(address, Rejected):
            return address
        try:
            async with asyncio.timeout(CALL):
                return await self._call(request, address)
        except (aiohttp.ClientError, TimeoutError) as why:
            return failed(why, address.place, CALL)
        except ValueError:  # the headers are an endpoint's own
            return Rejected(f"{address.place} was not called: a header of the request holds a line break")
        except Misconfigured as why:
            return Rejected(f"{address.place} was not called: {why}", OutcomeCode.PRIVATE_ADDRESS)

    async def _call(self, request: Request, address: CalledAddress) -> Response:
        headers = dict(request.headers)
        if address.login:
            headers["authorization"] = address.login
        async with self._sessions[request.allow_private].of(request.to) as session:
            answer = await session.request(
                request.method,
                address.url,
                data=request.content or None,
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(connect=CALL * CONNECTING, ceil_threshold=CALL),
            )
            try:
                body = await _read(answer) if request.needs_body else await _drain(answer)
            finally:
                answer.release()
            return Response(answer.status, answer.headers, body, address.place)

    async def close(self) -> None:
        """Close all connections."""
        for sessions in self._sessions.values():
            await sessions.close()


def trusted() -> ssl.SSLContext:
    """Whose certificates are believed: Mozilla's list, or what SSL_CERT_FILE and SSL_CERT_DIR name instead."""
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    return _believing(file or None, folder or None) if file or folder else _believing(certifi.where(), None)


@cache
def _believing(file: str | None, folder: str | None) -> ssl.SSLContext:
    """Read once: it takes 20 ms, and all clients of a process believe the same."""
    return ssl.create_default_context(cafile=file, capath=folder)


async def bounded(place: str, calls: Coroutine[Any, Any, Answer]) -> Answer:
    """The answer of several exchanges that together have the time of one; a retry where they take longer."""
    try:
        async with asyncio.timeout(CALL):
            return await calls
    except TimeoutError:
        return Retry(None, late(place, CALL), OutcomeCode.UNKNOWN)


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """The body up to its bound, decompressed; it has the whole of the call's time."""
    body = b""
    async for piece in answer.content.iter_any():
        body += piece
        if len(body) >= LARGEST:
            break
    return _plain(body, answer.headers.get("content-encoding", ""))


def _plain(body: bytes, encoding: str) -> bytes:
    """A body without its compression, up to its bound; as it came where that cannot be undone."""
    if encoding.lower() in _PACKED:
        with suppress(zlib.error):
            body = zlib.decompressobj(_ANY_HEAD).decompress(body, LARGEST)
    return body[:LARGEST]


async def _drain(answer: aiohttp.ClientResponse) -> bytes:
    """Read a short body so that its connection can be used again; what it says no longer matters."""
    if answer.content.at_eof():
        return b""
    body = b""
    with suppress(TimeoutError, aiohttp.ClientError):
        async with asyncio.timeout(READING):
            async for piece in answer.content.iter_any():
                body += piece
                if len(body) > LARGEST:
                    break
    return body[:LARGEST]
