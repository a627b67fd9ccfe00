"""All bridges of one process: one for each gateway in the registry, started and ended as the file changes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping

import structlog

from sources.bridge.auth_log import SOURCE, AuthLog
from sources.bridge.bridge import Bridge, Extras, Publish
from sources.bridge.list_cursor import ListCursor
from sources.bridge.observer import farewell
from sources.bridge.registry import Gateway, Registry
from sources.contextforge.cause import broken_by
from sources.contextforge.client import Client
from sources.contextforge.token_file import TokenFile
from sources.prober.gateway_certificates import GatewayCertificates
from sources.prober.target import of_url
from streams.errors import Misconfigured, Unavailable

log = structlog.get_logger()
LOOK = 2.0  # seconds between two looks at the file
UNWATCHED, BROKE = "this gateway is not watched", "a bridge broke and begins anew"


def client(gateway: Gateway) -> Client:
    """The client of a registered gateway; Misconfigured where its certificates cannot be read."""
    timeout = min(10.0, max(2.0, gateway.interval / 1000))
    return Client(gateway.url, TokenFile(gateway.token_file), time.monotonic, gateway.encryption(), timeout)


class Bridges:
    """Bridges by the entry that they were made from; a changed entry is another bridge."""

    def __init__(
        self,
        registry: Registry,
        publish: Publish,
        clock: Callable[[], int],
        mine: Callable[[str], bool],
        cursor: Callable[[str, str], ListCursor],
    ) -> None:
        """`clock`: ms UTC; `mine`: whether this process is the one that polls a gateway now.

        `cursor`: how far a list of a gateway was read, by gateway and source.
        """
        self._mine, self._cursor = mine, cursor
        self._registry, self._publish, self._clock = registry, publish, clock
        self._running: dict[Gateway, asyncio.Task[None]] = {}
        self._left: dict[str, int] = {}  # of which gateways it was said that they are left, and as of when
        self._known: list[Gateway] = []
        self._gone: Mapping[str, int] = {}  # what the registry says of gateways that were left
        self._faults: dict[Gateway, tuple[str, str]] = {}  # what was said last of a gateway, and why
        self._stamp: tuple[int, int, int] | None = None
        self._looking = asyncio.Lock()

    @property
    def polled(self) -> int:
        """How many gateways are polled here now."""
        return len(self._running)

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
                self._read()
            self._drop_broken()
            await self._follow([gateway for gateway in self._known if self._mine(gateway.name)])

    async def rest(self) -> None:
        """End all bridges; the next look begins those again that are ours then."""
        async with self._looking:
            await self._end(list(self._running))

    def _read(self) -> None:
        try:
            self._known, self._gone = list(self._registry.read().values()), self._registry.left()
        except Misconfigured as why:
            log.error("the registry cannot be read; the gateways stay as they are", why=str(why))
        except Unavailable as why:  # with the first of it that is read its stamp changes
            log.info("what is shared of the registry is not known yet", why=str(why))

    async def _follow(self, wanted: list[Gateway]) -> None:
        ended = [gateway for gateway in self._running if gateway not in wanted]
        await self._end(ended)
        left = {name: at for name, at in self._gone.items() if self._mine(name)}
        self._leave(
            {gateway.name: self._clock() for gateway in ended} | left,
            {gateway.name for gateway in self._known},
        )
        self._faults = {gateway: why for gateway, why in self._faults.items() if gateway in wanted}
        for gateway in sorted(set(wanted) - set(self._running), key=lambda gateway: gateway.name):
            self._begin(gateway)

    def _leave(self, left: Mapping[str, int], wanted: Collection[str]) -> None:
        """Say once for each gateway that nobody is to wait for it, also where it was left while no bridge ran."""
        for name, at in sorted(left.items()):
            if name not in wanted and self._left.get(name) != at:
                self._left[name] = at
                self._publish(name, at, farewell(name, at))

    def _begin(self, gateway: Gateway) -> None:
        """Watch it, or try again at the next look: what stood in the way may be mended without a change of the file."""
        try:
            bridge = self._bridge(gateway)
        except Misconfigured as why:
            self._log(gateway, (UNWATCHED, str(why)))
            return
        if self._faults.get(gateway, (UNWATCHED, ""))[0] == UNWATCHED:
            self._faults.pop(gateway, None)
            log.info("watching", gateway=gateway.name, url=gateway.url, every=gateway.interval)
        self._running[gateway] = asyncio.create_task(bridge.run(), name=f"bridge {gateway.name}")

    def _bridge(self, gateway: Gateway) -> Bridge:
        """The bridge of a registered gateway, with the watch over certificates and logins; or Misconfigured."""
        own = of_url("gateway", gateway.url, gateway.authority(), gateway.verify)
        certificates = GatewayCertificates(gateway.name, self._publish, self._clock, own)
        return Bridge(
            gateway.name,
            client(gateway),
            self._publish,
            self._clock,
            gateway.interval,
            Extras(certificates, AuthLog(gateway.name, self._cursor(gateway.name, SOURCE))),
            gateway.team,
        )

    def _drop_broken(self) -> None:
        """A bridge ends by cancellation only; one that broke is a bug that is said, and that stops no other."""
        for gateway, task in list(self._running.items()):
            if task.done():
                del self._running[gateway]
                self._log(gateway, (BROKE, broken_by(task.exception())))

    def _log(self, gateway: Gateway, fault: tuple[str, str]) -> None:
        """Once, and again when what happened or why is another."""
        if self._faults.get(gateway) != fault:
            self._faults[gateway] = fault
            log.error(fault[0], gateway=gateway.name, why=fault[1])

    async def _end(self, gateways: list[Gateway]) -> None:
        """End bridges, and return when they have ended; who ends us meanwhile is heard: it is not their end alone."""
        bridges = [self._running.pop(gateway) for gateway in gateways]
        for bridge in bridges:
            bridge.cancel()
        try:
            await asyncio.gather(*bridges, return_exceptions=True)
        finally:
            for gateway in gateways:
                log.info("no longer watching", gateway=gateway.name)
