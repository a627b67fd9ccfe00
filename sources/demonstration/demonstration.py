"""The demonstration: a gateway that only pretends, polled by the ordinary bridge, so that there is something to see.

All that it emits is labelled `gateway="demonstration"`. It learns of the acknowledgement as anyone would:
from `changes`, that which was said while it was away too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import structlog

from sources.bridge.bridge import Bridge, Publish
from sources.bridge.registry import RESERVED
from sources.contextforge.client import Client
from sources.demonstration.acknowledgement import acknowledged
from sources.demonstration.fake_gateway import FAILING
from sources.demonstration.loopback import Loopback
from sources.demonstration.phase import Phase
from streams.settings import Settings

log = structlog.get_logger()
INTERVAL = 2_000  # ms between two polls: nobody likes to wait in a demonstration


class Demonstration:
    """Serves the fake gateway, polls it, and heals it once its alert was acknowledged."""

    def __init__(self, settings: Settings, publish: Publish, clock: Callable[[], int]) -> None:
        """`clock`: ms UTC."""
        self._settings, self._publish, self._clock = settings, publish, clock
        self._phase = Phase(settings.data)
        self._gateway = self._phase.resumed(clock())
        self._phase.keep(self._gateway)

    async def run(self) -> None:
        """Serve the fake gateway and poll it for ever; ends by cancellation."""
        server = Loopback(lambda path: self._gateway.answer(path, self._clock()))
        url = await server.start()
        client = Client(url, lambda: RESERVED, time.monotonic)
        log.info("the demonstration gateway serves; it is no real one", url=url, fails=FAILING)
        healing = asyncio.create_task(self._heal())
        try:
            # a team of its own: its alerts reach nobody but the demonstration's own endpoints
            await Bridge(RESERVED, client, self._publish, self._clock, INTERVAL, team=RESERVED).run()
        finally:
            healing.cancel()
            await server.stop()
            with suppress(asyncio.CancelledError):
                await healing

    async def _heal(self) -> None:
        await acknowledged(self._settings, RESERVED, FAILING, self._gateway.started)
        self._gateway = replace(self._gateway, healed=self._clock())
        self._phase.keep(self._gateway)
        log.info("acknowledged: the upstream comes back", upstream=FAILING)
