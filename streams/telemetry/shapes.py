"""The shape of each source of a producer: while its series stay the same, only values are spelled anew.

A producer that begins anew needs a new memory: it cannot know what was told meanwhile, and tells its lists again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from streams.telemetry.samples import Shape

MOST = 1_024  # sources that are remembered


class Shapes:
    """Frames of some sources; without this memory all would be the same, only larger."""

    def __init__(self) -> None:
        """A new one has seen nothing."""
        self._shapes: OrderedDict[tuple[str, str], Shape] = OrderedDict()

    def frame(self, gateway: str, source: str, at: int, values: Mapping[str, float]) -> list[bytes]:
        """A whole frame of a source, values by the texts of their series; `at` in ms UTC."""
        shape, series = self._shapes.get((gateway, source)), list(values)
        if shape is None or shape.series != series:
            shape = self._shapes[gateway, source] = Shape(series, shape)
        self._shapes.move_to_end((gateway, source))
        if len(self._shapes) > MOST:
            self._shapes.popitem(last=False)
        return list(shape.frame(gateway, source, at, list(values.values())))
