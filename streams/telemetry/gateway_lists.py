"""Which lists of series are remembered of a gateway: what a batch tells in, what is remembered after it out. Pure.

Detect and whoever reads the same log to know what detect knew decide by the same bounds.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

import msgspec

from streams.telemetry.layout import PackedSeries

BYTES = 8_000_000  # of all lists of a gateway, packed
LISTS = 512  # of a gateway, one for each part of each source
LISTED = 3_600_000  # ms; after so long a list that is told no more is forgotten


class Told(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of a list beside its texts. `bytes`: packed; `until`: when it is forgotten, ms."""

    layout: str
    bytes: int
    until: int


class GatewayLists(msgspec.Struct, frozen=True):
    """The lists of one gateway, by a mark of their source and part."""

    told: dict[str, Told] = {}


class NotedList(NamedTuple):
    """The lists after one was told. `gone`: marks of those forgotten for it; `kept`: whether it is remembered."""

    lists: GatewayLists
    gone: list[str]
    kept: bool


def mark_of(source: str, part: int) -> str:
    """What stands for a part of a source."""
    return blake2b(f"{part}|{source}".encode(), digest_size=8).hexdigest()


def repeated(lists: GatewayLists, mark: str, layout: str, until: int) -> GatewayLists | None:
    """The lists after one of them was told again, to be forgotten at `until`, ms; None where it is another one."""
    known = lists.told.get(mark)
    if known is None or known.layout != layout:
        return None
    return GatewayLists(lists.told | {mark: Told(layout, known.bytes, until)})


def noted(lists: GatewayLists, mark: str, packed: PackedSeries, until: int, most: int) -> NotedList:
    """The lists after another one was told in the place of a mark; the oldest make room, `most` being the bound."""
    others = {other: told for other, told in lists.told.items() if other != mark}
    gone: list[str] = []
    while packed.light and others and not _has_room(others, packed, most):
        oldest = min(others, key=lambda other: (others[other].until, other))
        del others[oldest]
        gone.append(oldest)
    if not _has_room(others, packed, most):
        return NotedList(GatewayLists(others), [*gone, mark], kept=False)
    told = Told(packed.layout, len(packed.packed), until)
    return NotedList(GatewayLists(others | {mark: told}), gone, kept=True)


def expired(lists: GatewayLists, at: int) -> list[str]:
    """The marks of what has not been told for so long that it is forgotten at an instant, ms."""
    return sorted(mark for mark, told in lists.told.items() if told.until <= at)


def without(lists: GatewayLists, marks: list[str]) -> GatewayLists:
    """The lists but for some."""
    return GatewayLists({mark: told for mark, told in lists.told.items() if mark not in marks})


def _has_room(others: dict[str, Told], packed: PackedSeries, most: int) -> bool:
    size = sum(told.bytes for told in others.values()) + len(packed.packed)
    return packed.light and len(others) < most and size <= BYTES
