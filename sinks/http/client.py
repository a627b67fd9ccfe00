"""One HTTP exchange for a channel: a request in; the response, or the answer that its failure gives, out.

Every channel that speaks HTTP calls through here, and so none of them reaches a private address, follows a
redirect, waits longer than ten seconds or reads an answer without end.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from sinks.http.dialer import Dialer
from sinks.http.network import Network
from sinks.http.transport import POOL, Transport
from sinks.outcome import Answer, Rejected, Retry
from streams.errors import Misconfigured
from streams.outcome_code import OutcomeCode

CALL = 10.0  # seconds for one exchange as a whole; a receiver that drips bytes cannot stretch it
LARGEST = 65_536  # bytes of a response body that are read
READING = 1.0  # seconds of a response body that nobody needs, read only to keep the connection


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

    It has two pools of pools, for a connection opened where private addresses are allowed must not serve an
    endpoint for which they are not.
    """

    def __init__(
        self,
        network: Network,
        tls: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`network`: where it may connect; `tls`: whose certificates are believed; `clock`: seconds UTC."""
        for name in ("httpx", "httpcore"):  # at INFO and DEBUG they write whole addresses, secrets included
            logging.getLogger(name).setLevel(logging.WARNING)
        self.clock = clock
        self.tls = tls or httpx.create_ssl_context()
        self._clients = {free: _client(Transport(Dialer(network, free), self.tls)) for free in (False, True)}

    def now(self) -> int:
        """Now in ms UTC."""
        return int(self.clock() * 1000)

    async def exchange(self, request: Request) -> Response | Retry | Rejected:
        """The response to `request`; reasons show scheme and host, never more."""
        url = readable(request.url)
        if isinstance(url, Rejected):
            return url
        place = f"{url.scheme}://{url.host}"
        try:
            async with asyncio.timeout(CALL):
                return await self._stream(request, url, place)
        except (httpx.ConnectTimeout, httpx.PoolTimeout):
            return Retry(None, f"{place} did not answer within {CALL:.0f} s", OutcomeCode.UNREACHABLE)
        except (TimeoutError, httpx.TimeoutException):
            return Retry(None, f"{place} did not answer within {CALL:.0f} s", OutcomeCode.UNKNOWN)
        except httpx.TransportError as why:
            code = OutcomeCode.UNREACHABLE if isinstance(why, httpx.ConnectError) else OutcomeCode.UNKNOWN
            return Retry(None, f"{place} could not be reached: {why or 'the connection broke'}", code)
        except Misconfigured as why:
            return Rejected(f"{place} was not called: {why}", OutcomeCode.PRIVATE_ADDRESS)

    async def _stream(self, request: Request, url: httpx.URL, place: str) -> Response:
        client = self._clients[request.allow_private]
        call = client.stream(
            request.method,
            url,
            content=request.content,
            headers=dict(request.headers),
            extensions={POOL: request.to},
        )
        async with call as answer:
            body = await _read(answer) if request.needs_body else await _drain(answer)
            return Response(answer.status_code, answer.headers, body, place)

    async def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.aclose()


async def bounded(place: str, calls: Coroutine[Any, Any, Answer]) -> Answer:
    """The answer of several exchanges that together have the time of one; a retry where they take longer."""
    try:
        async with asyncio.timeout(CALL):
            return await calls
    except TimeoutError:
        return Retry(None, f"{place} did not answer within {CALL:.0f} s", OutcomeCode.UNKNOWN)


def _client(transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
    headers = {"user-agent": "tocsin/1"}
    return httpx.AsyncClient(
        transport=transport, headers=headers, timeout=CALL, trust_env=False, follow_redirects=False
    )


def readable(text: str) -> httpx.URL | Rejected:
    """The address as httpx reads it; the reason never repeats it, since it may hold a password."""
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        return Rejected("the endpoint's `url` cannot be read: write https://host/path")
    if url.scheme not in ("http", "https") or not url.host or not 0 < (url.port or 443) < 65_536:
        return Rejected(
            "the endpoint's `url` must begin with https:// or http:// and name a host and port that can be"
        )
    return url


async def _read(response: httpx.Response) -> bytes:
    """The body up to its bound, decompressed; it has the whole of the call's time."""
    body = b""
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) >= LARGEST:
            break
    return body[:LARGEST]


async def _drain(response: httpx.Response) -> bytes:
    """Read a short body so that its connection can be used again; what it says no longer matters."""
    body = b""
    with suppress(TimeoutError, httpx.TransportError):
        async with asyncio.timeout(READING):
            async for piece in response.aiter_raw():
                body += piece
                if len(body) > LARGEST:
                    break
    return body[:LARGEST]
