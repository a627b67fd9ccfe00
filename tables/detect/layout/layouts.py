"""Batches that name their list of series: what was told is remembered, so that a replay knows what it knew.

The rows lie upstream of the gateway's entry, and hold what messages say and nothing else. So a list is noted before
the entry is opened, and also where the entry is newer than the message. Whatever changes a list opens the entry too:
where a list is newer than the message, the entry is, and the message is skipped whole.
"""

from __future__ import annotations

from hashlib import blake2b

from streams.telemetry.samples import Batch
from tables.detect.context import Context
from tables.detect.layout.known_list import GatewayLists, KnownList, Told, has_room
from tables.detect.levels import GATEWAY, LAYOUT, LAYOUTS
from tables.kernel.level import owner_of
from tables.kernel.row import AnyRow as Row


def find(context: Context, gateway: str, source: str, part: int, layout: str) -> KnownList | None:
    """The list that a batch names, if it is the newest one of its part."""
    known = context.get(LAYOUT, f"{gateway}/{_mark(source, part)}")
    return known if known is not None and known.layout == layout else None


def note(context: Context, batch: Batch) -> None:
    """A batch tells a list with its name: it takes the place of the one before, or of the oldest of others."""
    row = context.open(LAYOUTS.key(batch.gateway))
    if row is None:
        return
    lists: GatewayLists = row.value or GatewayLists()
    mark, until = _mark(batch.source, batch.part), context.clock.active + context.terms.listed
    known = lists.told.get(mark)
    if known is not None and known.layout == batch.layout:
        row.value = GatewayLists(lists.told | {mark: Told(known.layout, known.bytes, until)})
        return
    packed = KnownList.of(batch.layout, batch.series)
    others = {other: told for other, told in lists.told.items() if other != mark}
    while packed.light and others and not has_room(GatewayLists(others), mark, packed, context.terms.lists):
        oldest = min(others, key=lambda other: (others[other].until, other))
        del others[oldest]
        _forget(context, batch.gateway, oldest)
    if has_room(GatewayLists(others), mark, packed, context.terms.lists):
        row.value = GatewayLists(others | {mark: Told(batch.layout, len(packed.packed), until)})
        _remember(context, batch.gateway, mark, packed)
    else:
        row.value = GatewayLists(others)
        _forget(context, batch.gateway, mark)


def due(context: Context, row: Row) -> None:
    """What has not been told for long is forgotten."""
    gateway, lists = owner_of(row.key), row.value
    gone = [mark for mark, told in lists.told.items() if told.until <= context.clock.active]
    for mark in sorted(gone):
        _forget(context, gateway, mark)
    row.value = GatewayLists({mark: told for mark, told in lists.told.items() if mark not in gone})
    if not row.value.told:
        context.mark_deleted(row)
    entry = context.rows.get(GATEWAY.key(gateway))
    if entry is not None and not entry.dead:
        context.open(entry.key)  # it is as new as its lists


def _remember(context: Context, gateway: str, mark: str, packed: KnownList) -> None:
    row = context.open(LAYOUT.key(f"{gateway}/{mark}"))
    if row is not None:
        row.value = packed


def _forget(context: Context, gateway: str, mark: str) -> None:
    key = LAYOUT.key(f"{gateway}/{mark}")
    if key in context.rows and (row := context.open(key)) is not None:
        context.mark_deleted(row)


def _mark(source: str, part: int) -> str:
    return blake2b(f"{part}|{source}".encode(), digest_size=8).hexdigest()
