"""The webhook channel: one signed HTTP POST, to public addresses only unless an operator allows others."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Callable
from contextlib import suppress

import httpx
import orjson

from sinks.body import body
from sinks.dialer import Dialer
from sinks.http_status import judge
from sinks.outcome import Answer, Rejected, Retry
from sinks.resolver import Resolve, Resolver
from sinks.standard_webhooks import headers
from sinks.transport import POOL, Transport
from sinks.unseal import Receiver, Unsealer
from streams.errors import Misconfigured
from streams.messages.attempt import Attempt

CALL = 10.0  # seconds for one call as a whole; a receiver that drips bytes cannot stretch it
_READ, _READING = 65_536, 1.0  # bytes and seconds of a response body, read only to keep the connection


class Webhook:
    """Posts notifications.

    It has two pools, for a connection opened where private addresses are allowed must not serve an
    endpoint for which they are not.
    """

    def __init__(
        self,
        unsealer: Unsealer,
        allow_private: bool = False,
        resolve: Resolve | None = None,
        tls: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`allow_private`: for every endpoint; `clock`: seconds UTC."""
        for name in ("httpx", "httpcore"):  # at INFO and DEBUG they write whole addresses, secrets included
            logging.getLogger(name).setLevel(logging.WARNING)
        self._unsealer, self._allow_private, self._clock = unsealer, allow_private, clock
        self._resolver = Resolver() if resolve is None else None
        ask: Resolve = resolve or self._resolver or Resolver()
        tls = tls or httpx.create_ssl_context()
        self._clients = {free: _client(Transport(Dialer(ask, free), tls)) for free in (False, True)}

    async def send(self, attempt: Attempt) -> Answer:
        """POST the notification and judge what comes back; reasons show scheme and host, never more."""
        receiver = self._unsealer.receiver(attempt.endpoint)
        if isinstance(receiver, Rejected):
            return receiver
        url = _readable(receiver.url)
        if isinstance(url, Rejected):
            return url
        content = orjson.dumps(body(attempt))
        signed = headers(attempt.notification.id, content, receiver.secret, int(self._clock()))
        if isinstance(signed, Rejected):
            return signed
        return await self._post(attempt.notification.to, receiver, url, content, signed)

    async def _post(
        self, to: str, receiver: Receiver, url: httpx.URL, content: bytes, signed: dict[str, str]
    ) -> Answer:
        client = self._clients[receiver.allow_private or self._allow_private]
        place, pool = f"{url.scheme}://{url.host}", {POOL: to}
        try:
            async with (
                asyncio.timeout(CALL),
                client.stream("POST", url, content=content, headers=signed, extensions=pool) as response,
            ):
                answer = judge(response.status_code, response.headers, place, int(self._clock() * 1000))
                await _drain(response)
                return answer
        except (TimeoutError, httpx.TimeoutException):
            return Retry(None, f"{place} did not answer within {CALL:.0f} s")
        except httpx.TransportError as why:
            return Retry(None, f"{place} could not be reached: {why or 'the connection broke'}")
        except Misconfigured as why:
            return Rejected(f"{place} was not called: {why}")

    async def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.aclose()
        if self._resolver:
            self._resolver.close()


def _client(transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
    said = {"content-type": "application/json", "user-agent": "tocsin-webhook/1"}
    return httpx.AsyncClient(
        transport=transport, headers=said, timeout=CALL, trust_env=False, follow_redirects=False
    )


def _readable(text: str) -> httpx.URL | Rejected:
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


async def _drain(response: httpx.Response) -> None:
    """Read a short body so that its connection can be used again; what it says no longer matters."""
    size = 0
    with suppress(TimeoutError, httpx.TransportError):
        async with asyncio.timeout(_READING):
            async for piece in response.aiter_raw():
                size += len(piece)
                if size > _READ:
                    return
