"""A small HTTP/1.1 server on loopback: GET only, enough for one polite client, and never open to a network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus

HOST = "127.0.0.1"
Answering = Callable[[str], tuple[int, str, bytes]]
_ENDED = (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError)


class Loopback:
    """Serves what `answer` says for a path: status, content type and body."""

    def __init__(self, answer: Answering) -> None:
        """It listens once `start` was called."""
        self._answer = answer
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def start(self, port: int = 0) -> str:
        """Listen on a free port, or on `port`; the address to ask."""
        self._server = await asyncio.start_server(self._talk, HOST, port)
        return f"http://{HOST}:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Listen no longer, and end the conversations that are open."""
        if self._server:
            self._server.close()
        for writer in list(self._open):
            await _close(writer)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with suppress(*_ENDED):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                method, target, _ = head.split(b"\r\n", 1)[0].decode("ascii").split(" ")
                path = target.partition("?")[0]
                refusal = (405, "text/plain", b"only GET is answered here\n")
                writer.write(_response(*(self._answer(path) if method == "GET" else refusal)))
                await writer.drain()
                if method != "GET":  # its body would be read as the next request
                    break
        self._open.discard(writer)
        await _close(writer)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


def _response(status: int, kind: str, body: bytes) -> bytes:
    line = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
    return f"{line}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
