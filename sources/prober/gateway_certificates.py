"""The certificates of one gateway: its own, those of its upstreams, and those that it holds for them.

They are two sources: where the list of upstreams cannot be had, what is known of theirs is held as unknown, not gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from sources.contextforge.upstream import Upstream
from sources.prober.target import Target, of_upstreams
from sources.prober.watch import Publish, Watch

OWN, UPSTREAMS = "prober/gateway", "prober/upstreams"
EVERY = 600_000  # ms between two looks at what is well


class GatewayCertificates:
    """Two watches, of which the second follows the gateway's list of upstreams."""

    def __init__(
        self, gateway: str, publish: Publish, clock: Callable[[], int], own: Iterable[Target] = ()
    ) -> None:
        """`own`: the gateway's own address, where it is encrypted; `clock`: ms UTC."""
        self._own = Watch(gateway, OWN, publish, clock, EVERY)
        self._own.over(own)
        self._upstreams = Watch(gateway, UPSTREAMS, publish, clock, EVERY)

    def over(self, upstreams: Iterable[Upstream]) -> None:
        """Watch those of these upstreams, whose names are those that alerts use."""
        self._upstreams.over(of_upstreams(upstreams))

    async def run(self) -> None:
        """Both, for ever; ends by cancellation, or where one breaks."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._own.run())
            tasks.create_task(self._upstreams.run())
