"""Host name to addresses, off the event loop, and at most one look-up of a name at a time.

A name server that never answers holds a thread for half a minute; with one look-up a name, however
many calls want it, a broken name cannot use up the threads of all others.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

Resolve = Callable[[str, int], Awaitable[list[str]]]


class Resolver:
    """The machine's own resolver."""

    def __init__(self, threads: int = 64) -> None:
        """`threads`: look-ups under way at once; they are started only as they are needed."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="resolver")
        self._running: dict[tuple[str, int], asyncio.Future[list[str]]] = {}

    async def __call__(self, host: str, port: int) -> list[str]:
        """Numeric addresses of `host`, in the order to try them; OSError where there are none."""
        key = host, port
        if key not in self._running:
            loop = asyncio.get_running_loop()
            self._running[key] = future = loop.run_in_executor(self._pool, _lookup, host, port)
            future.add_done_callback(lambda _: self._running.pop(key))
        return await asyncio.shield(self._running[key])

    def close(self) -> None:
        """Give the threads back without waiting for answers that may never come."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _lookup(host: str, port: int) -> list[str]:
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))
