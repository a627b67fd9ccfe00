"""Lists of series that batches may name: what a row of a list holds, and what a gateway's lists take."""

from __future__ import annotations

import zlib
from typing import Any, Self

import msgspec

from streams.errors import DamagedState
from streams.telemetry.layout import PackedSeries, layout_of

BYTES = 8_000_000  # of all lists of a gateway, packed


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


class Told(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of a list beside its texts. `bytes`: packed; `until`: when it is forgotten, active ms."""

    layout: str
    bytes: int
    until: int


class GatewayLists(msgspec.Struct, frozen=True):
    """The lists of one gateway, by a mark of their source and part."""

    told: dict[str, Told] = {}


def has_room(lists: GatewayLists, mark: str, packed: PackedSeries, most: int) -> bool:
    """Whether a list may be remembered in the place of a mark, `most` of the gateway being the bound."""
    others = [told.bytes for other, told in lists.told.items() if other != mark]
    return packed.light and len(others) < most and sum(others) + len(packed.packed) <= BYTES


def deadline(lists: GatewayLists) -> int | None:
    """When the first of them is to be forgotten, active ms."""
    return min((told.until for told in lists.told.values()), default=None)
