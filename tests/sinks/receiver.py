"""A real HTTP receiver on this machine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

ROUNDS = 10  # of the loop, in which a reader notices that its connection is closed


def responding(status: str, *headers: str, body: str = "") -> str:
    """The bytes of a response."""
    size = f"Content-Length: {len(body.encode())}"
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, size, "", body])


@dataclass
class Request:
    """One request as it came in. `at`: s UTC."""

    line: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.time, compare=False)


@dataclass
class Receiver:
    """An HTTP server that answers what it is told to and keeps what it got; without an answer it hangs up."""

    answer: str = "HTTP/1.1 204 No Content\r\n\r\n"
    raw: bytes = b""  # what it answers instead, as bytes
    delay: float = 0.0
    drips: float = 0.0  # seconds between two bytes of an answer
    script: list[str] = field(default_factory=list)  # answers to the next requests, before `answer`
    together: int = 0  # how many requests must have come before the first is answered
    got: list[Request] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    def __post_init__(self) -> None:
        self._all_came = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Receiver]:
        """Itself, listening on a free port of this machine."""
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for writer in self._writers:
                writer.close()
            for _ in range(ROUNDS):  # what reads there ends by itself
                await asyncio.sleep(0)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """All requests of one connection."""
        self.connections += 1
        self._writers.add(writer)
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                first, *rest = head.strip().split("\r\n")
                headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in rest)}
                self.got.append(
                    Request(first, headers, await reader.readexactly(int(headers.get("content-length", 0))))
                )
                if len(self.got) >= self.together:
                    self._all_came.set()
                await self._all_came.wait()
                await asyncio.sleep(self.delay)
                answer = self.raw or (self.script.pop(0) if self.script else self.answer).encode()
                if not answer:
                    return
                for piece in (bytes([byte]) for byte in answer) if self.drips else (answer,):
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(self.drips)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()
