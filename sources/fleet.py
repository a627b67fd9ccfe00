"""All bridges of one process: one for each gateway in the registry, started and ended as the file changes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress

import structlog

from sources.bearer import TokenFile
from sources.bridge import Bridge, Publish
from sources.client import Client
from sources.observer import farewell
from sources.registry import Gateway, Registry
from streams.errors import Misconfigured

log = structlog.get_logger()
LOOK = 2.0  # seconds between two looks at the file


def client(gateway: Gateway) -> Client:
    """The client of a registered gateway; Misconfigured where its certificates cannot be read."""
    timeout = min(10.0, max(2.0, gateway.interval / 1000))
    return Client(gateway.url, TokenFile(gateway.token_file), time.monotonic, gateway.encryption(), timeout)


class Fleet:
    """Bridges by the entry that they were made from; a changed entry is another bridge."""

    def __init__(
        self, registry: Registry, publish: Publish, clock: Callable[[], int], mine: Callable[[str], bool]
    ) -> None:
        """`clock`: ms UTC; `mine`: whether this process is the one that polls a gateway now."""
        self._mine = mine
        self._registry, self._publish, self._clock = registry, publish, clock
        self._running: dict[Gateway, asyncio.Task[None]] = {}
        self._left: dict[str, int] = {}  # of which gateways it was said that they are left, and as of when
        self._known: list[Gateway] = []
        self._gone: Mapping[str, int] = {}  # what the registry says of gateways that were left
        self._broken: list[Gateway] = []  # what cannot be watched until its entry changes
        self._stamp: tuple[int, int] | None = None
        self._looking = asyncio.Lock()

    async def run(self) -> None:
        """Follow the registry for ever; a file that cannot be read leaves everything as it was."""
        log.info("following the registry of gateways", file=str(self._registry.path))
        try:
            while True:
                await self.look()
                await asyncio.sleep(LOOK)
        finally:
            await self._end(list(self._running))

    async def look(self) -> None:
        """Follow the file where it has changed, and the lease where it has moved."""
        async with self._looking:
            if self._registry.stamp() != self._stamp:
                self._stamp = self._registry.stamp()
                self._broken = []
                self._read()
            await self._follow([one for one in self._known if self._mine(one.name)])
            self._revive()

    async def rest(self) -> None:
        """End all bridges; the next look begins those again that are ours then."""
        async with self._looking:
            await self._end(list(self._running))

    def _read(self) -> None:
        try:
            self._known, self._gone = list(self._registry.read().values()), self._registry.left()
        except Misconfigured as why:
            log.error("the registry cannot be read; the gateways stay as they are", why=str(why))

    async def _follow(self, wanted: list[Gateway]) -> None:
        gone = [gateway for gateway in self._running if gateway not in wanted]
        await self._end(gone)
        left = {name: at for name, at in self._gone.items() if self._mine(name)}
        self._leave({one.name: self._clock() for one in gone} | left, {one.name for one in self._known})
        new = [one for one in wanted if one not in self._running and one not in self._broken]
        for gateway in sorted(new, key=lambda one: one.name):
            self._begin(gateway)

    def _leave(self, left: Mapping[str, int], wanted: Collection[str]) -> None:
        """Say once for each gateway that nobody is to wait for it, also where it was left while no bridge ran."""
        for name, at in sorted(left.items()):
            if name not in wanted and self._left.get(name) != at:
                self._left[name] = at
                self._publish(name, at, farewell(name, at))

    def _begin(self, gateway: Gateway) -> None:
        try:
            bridge = Bridge(gateway.name, client(gateway), self._publish, self._clock, gateway.interval)
        except Misconfigured as why:
            self._broken.append(gateway)
            log.error("this gateway is not watched", gateway=gateway.name, why=str(why))
            return
        log.info("watching", gateway=gateway.name, url=gateway.url, every=gateway.interval)
        self._running[gateway] = asyncio.create_task(bridge.run(), name=f"bridge {gateway.name}")

    def _revive(self) -> None:
        """A bridge ends by cancellation only; one that broke is a bug that is said, and that stops no other."""
        for gateway, task in list(self._running.items()):
            if task.done():
                log.error(
                    "a bridge broke and begins anew",
                    gateway=gateway.name,
                    why=type(task.exception()).__name__,
                )
                self._begin(gateway)

    async def _end(self, gateways: list[Gateway]) -> None:
        for gateway in gateways:
            task = self._running.pop(gateway)
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task
            log.info("no longer watching", gateway=gateway.name)
