"""Lists of series that batches may name: what a row of a list holds, and when a gateway's lists are due."""

from __future__ import annotations

import zlib
from typing import Any, Self

from streams.errors import DamagedState
from streams.telemetry.gateway_lists import GatewayLists
from streams.telemetry.layout import PackedSeries, layout_of


class KnownList(PackedSeries):
    """The newest list of one part of one source."""

    __slots__ = ()

    def copy(self) -> Self:
        """It never changes."""
        return self

    def pack(self) -> tuple[Any, bytes]:
        """Its name and length as JSON, the packed texts as bytes."""
        return [self.layout, len(self)], self.packed

    @classmethod
    def unpack(cls, meta: Any, raw: bytes) -> Self:
        """The inverse of `pack`; DamagedState where the texts are not those of the name."""
        layout, count = meta
        known = cls(str(layout), int(count), raw)
        try:
            texts = known.texts()
        except (zlib.error, UnicodeDecodeError) as why:
            raise DamagedState(f"a list of series does not unpack: {why}") from None
        if layout and (len(texts) != count or layout_of(texts) != layout):
            raise DamagedState(f"a list of series is not the one of {layout!s:.40}")
        return known


def deadline(lists: GatewayLists) -> int | None:
    """When the first of them is to be forgotten, active ms."""
    return min((told.until for told in lists.told.values()), default=None)
