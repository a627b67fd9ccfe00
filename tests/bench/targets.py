"""`python -m tests.bench.targets PORT GATEWAYS SERIES [mixed]`: serves each gateway's text at /<number>; not counted.

Texts are made before the first request and served as they are, so that the server costs as little as it can
beside the systems that are measured.
"""

from __future__ import annotations

import asyncio
import sys
import time

from tests.bench.load import TEXTS, Load, head

PREFIX = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: "


class Server(asyncio.Protocol):
    """One connection that is kept alive."""

    began: float | None = None  # of the first request of all

    def __init__(self, texts: list[list[bytes]]) -> None:
        """`texts`: by gateway and turn."""
        self._texts, self._buffer = texts, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each complete request."""
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            request, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            self._answer(int(request.split(b" ", 2)[1].strip(b"/")))

    def _answer(self, gateway: int) -> None:
        if Server.began is None:
            Server.began = time.monotonic()
        elapsed = time.monotonic() - Server.began
        first, rest = head(gateway, elapsed), self._texts[gateway][int(elapsed) % TEXTS]
        self._transport.write(PREFIX + str(len(first) + len(rest)).encode() + b"\r\n\r\n" + first + rest)


async def main(port: int, load: Load) -> None:
    """Make the texts and serve for ever."""
    texts = [[load.tail(gateway, turn) for turn in range(TEXTS)] for gateway in range(load.gateways)]
    server = await asyncio.get_running_loop().create_server(lambda: Server(texts), "127.0.0.1", port)
    sys.stderr.write("serving\n")
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Load(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:] == ["mixed"])))
