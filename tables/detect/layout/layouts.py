"""Batches that name their list of series: what was told is remembered, so that a replay knows what it knew.

The rows lie upstream of the gateway's entry, and hold what messages say and nothing else. So a list is noted before
the entry is opened, and also where the entry is newer than the message. Whatever changes a list opens the entry too:
where a list is newer than the message, the entry is, and the message is skipped whole.
"""

from __future__ import annotations

from streams.telemetry.gateway_lists import GatewayLists, expired, mark_of, noted, repeated, without
from streams.telemetry.samples import Batch
from tables.detect.context import Context
from tables.detect.layout.known_list import KnownList
from tables.detect.levels import GATEWAY, LAYOUT, LAYOUTS
from tables.kernel.level import owner_of
from tables.kernel.row import AnyRow as Row


def find(context: Context, gateway: str, source: str, part: int, layout: str) -> KnownList | None:
    """The list that a batch names, if it is the newest one of its part."""
    known = context.get(LAYOUT, f"{gateway}/{mark_of(source, part)}")
    return known if known is not None and known.layout == layout else None


def note(context: Context, batch: Batch) -> None:
    """A batch tells a list with its name: it takes the place of the one before, or of the oldest of others."""
    row = context.open(LAYOUTS.key(batch.gateway))
    if row is None:
        return
    lists: GatewayLists = row.value or GatewayLists()
    mark, until = mark_of(batch.source, batch.part), context.clock.active + context.terms.listed
    if (again := repeated(lists, mark, batch.layout, until)) is not None:
        row.value = again
        return
    packed = KnownList.of(batch.layout, batch.series)
    row.value, gone, kept = noted(lists, mark, packed, until, context.terms.lists)
    for other in gone:
        _forget(context, batch.gateway, other)
    if kept:
        _remember(context, batch.gateway, mark, packed)


def due(context: Context, row: Row) -> None:
    """What has not been told for long is forgotten."""
    gateway = owner_of(row.key)
    gone = expired(row.value, context.clock.active)
    for mark in gone:
        _forget(context, gateway, mark)
    row.value = without(row.value, gone)
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
