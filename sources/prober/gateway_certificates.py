"""The certificates of one gateway: its own, those of its upstreams, and those that it holds for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sources.contextforge.upstream import Upstream
from sources.prober.target import Target, of_upstreams
from sources.prober.watch import Publish, Watch

SOURCE = "prober/certificates"
EVERY = 600_000  # ms between two looks at what is well


class GatewayCertificates:
    """A watch whose targets follow the gateway's list of upstreams."""

    def __init__(
        self, gateway: str, publish: Publish, clock: Callable[[], int], own: Iterable[Target] = ()
    ) -> None:
        """`own`: the gateway's own address, where it is encrypted; `clock`: ms UTC."""
        self.watch = Watch(gateway, SOURCE, publish, clock, EVERY)
        self._own = tuple(own)
        self.over(())

    def over(self, upstreams: Iterable[Upstream]) -> None:
        """Watch those of these upstreams, whose names are those that alerts use."""
        self.watch.over([*self._own, *of_upstreams(upstreams)])
