"""Frames of the bridge: which series each source of a gateway has, as messages for `telemetry`.

Sources: `bridge/health`, `bridge/upstreams` and `bridge/metrics`; their series are listed in docs/names.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sources.bridge.exposition import Exposition
from sources.contextforge.upstream import Upstream
from streams.telemetry.samples import Shape
from streams.telemetry.series import spell
from streams.telemetry.shapes import Shapes

HEALTH, UPSTREAMS, METRICS = "bridge/health", "bridge/upstreams", "bridge/metrics"
MANY = 3  # upstreams down at once before their share says anything


class Scrapes:
    """What the scrapes of one source have in common: without this memory all would be the same, only slower."""

    def __init__(self) -> None:
        """A new one has seen nothing."""
        self._exposition, self._shape = Exposition(), Shape([])

    def read(self, text: str) -> tuple[Shape, list[float]]:
        """The shape of a scrape and its values; Refused where `text` is no exposition."""
        series, values = self._exposition.read(text)
        if series is not self._shape.series:
            self._shape = Shape(series, self._shape)
        return self._shape, values


class Frames:
    """The frames of one gateway, poll after poll; a bridge that begins anew tells all lists of series again."""

    def __init__(self, gateway: str) -> None:
        """`gateway`: its name with us."""
        self._gateway = gateway
        self._scrapes = defaultdict[str, Scrapes](Scrapes)
        self._shapes = Shapes()

    def scraped(self, source: str, at: int, text: str) -> list[bytes]:
        """One scrape as a frame; `at` in ms UTC. Refused where `text` is no exposition."""
        shape, values = self._scrapes[source].read(text)
        return list(shape.frame(self._gateway, source, at, values))

    def health(self, at: int, state: Mapping[str, float]) -> list[bytes]:
        """The frame of how the gateway stands: gateway_up and what else is known, by series."""
        return self._shapes.frame(self._gateway, HEALTH, at, state)

    def upstreams(self, at: int, listed: Sequence[Upstream], hidden: int | None = None) -> list[bytes]:
        """The frame of reachability: one series for each upstream that is watched, and their counts.

        `hidden`: how many the gateway has besides those listed; None where it does not say.
        """
        watched = [upstream for upstream in listed if upstream.watched]
        down = sum(not upstream.reachable for upstream in watched)
        values = {
            spell("upstream_up", {"upstream": upstream.name, "upstream_id": upstream.id}): float(
                upstream.reachable
            )
            for upstream in watched
        }
        values["upstreams_total"] = float(len(watched))
        values["upstreams_unreachable"] = float(down)
        values["upstreams_down_share"] = down / len(watched) if down >= MANY else 0.0
        if hidden is not None:
            values["upstreams_hidden"] = float(hidden)
        return self._shapes.frame(self._gateway, UPSTREAMS, at, values)
