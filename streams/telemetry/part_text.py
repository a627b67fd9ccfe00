"""The texts of one part of a frame as they are sent: in full, in full with their name, or the name alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import orjson

from streams.errors import Refused
from streams.messages.envelope import Body
from streams.telemetry.layout import REPEAT, PackedSeries, check_list, layout_of

LEAST = 256  # bytes of texts: fewer are sent in full, since a name and its repetition would save nothing


class PartText:
    """A list that comes for the second time is told with its name, and from then on named.

    So one that changes at every frame costs no more than its texts.
    """

    def __init__(self, series: Sequence[str]) -> None:
        """Spelled as JSON once."""
        self.raw = orjson.dumps(series)
        self._heard: int | None = None  # ms, of the newest frame
        self._told: int | None = None  # ms, of the newest frame with list and name
        self._layout: str | None = None  # "" where it has none

    def again(self, before: PartText | None) -> Self | PartText:
        """The one of the frame before, where that has the same texts: it knows what was told."""
        return before if before is not None and before.raw == self.raw else self

    def columns(self, at: int) -> Body:
        """What a message of event ms `at` says of its series."""
        before, self._heard = self._heard, at
        if before is None or not self._name():
            return {"series": orjson.Fragment(self.raw)}
        # the next frame will be as far off as the last one was, and is not to be too late
        if self._told is None or not self._told <= at <= self._told + REPEAT - (at - before):
            self._told = at
            return {"layout": self._layout, "series": orjson.Fragment(self.raw)}
        return {"layout": self._layout}

    def _name(self) -> str:
        if self._layout is None:
            self._layout = self._made() if len(self.raw) >= LEAST else ""
        return self._layout

    def _made(self) -> str:
        series = orjson.loads(self.raw)
        try:
            name = layout_of(series)
            check_list(name, series)
        except (Refused, TypeError):
            return ""
        return name if PackedSeries.of(name, series).light else ""
