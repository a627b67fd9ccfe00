"""A gateway of which nothing has been heard for long, and of which nothing is left, is forgotten: names cost rows."""

from __future__ import annotations

from msgspec.structs import replace

from tables.detect.anomaly import model_alarms
from tables.detect.block_key import MODEL, PAST
from tables.detect.budget.state import BUDGET, BURN
from tables.detect.context import Context
from tables.detect.events import pipeline as events
from tables.detect.events.state import COMPOSITE, EVENT, EventCause
from tables.detect.health import gateway, roster, source_health
from tables.detect.series import departures, slot_bound
from tables.detect.series.slot_history import Standing
from tables.detect.series.slot_index import SIZES, SlotIndex
from tables.kernel.level import owner_of
from tables.kernel.row import AnyRow as Row


def due(context: Context, entry: Row) -> bool:
    """Whether the gateway's time had come and it was forgotten; where something is left, it is looked at again."""
    at, active = gateway.forgettable(entry.value, context.terms), context.clock.active
    if at is None or at > active:
        return False
    name = owner_of(entry.key)
    index = context.index(name)
    if entry.value.crowded or _holds(context, entry, index):
        entry.value = replace(entry.value, kept=active + context.terms.sweep)
        return False
    source_health.forget(context, entry)
    events.remove(context, f"{EVENT.name}/gateway/{name}", context.rules, EventCause.FORGOTTEN)
    events.remove(context, f"{COMPOSITE.name}/gateway/{name}", context.rules, EventCause.FORGOTTEN)
    roster.forget(context, name)
    _mark_deleted(context, index)
    context.mark_deleted(entry)
    context.scope.forget(name)
    context.indexes.pop(name, None)
    context.plans.pop(name, None)
    return True


def _holds(context: Context, entry: Row, index: SlotIndex) -> bool:
    """Whether some series, window or instance still has its slot."""
    return any(
        number < slot_bound.following(entry, level)
        and index.standing(level, number, context.offset) is Standing.HELD
        for level in SIZES
        for number in index.names[level].values()
    )


def _mark_deleted(context: Context, index: SlotIndex) -> None:
    for key in _blocks(context, index):
        if (row := context.open(key)) is not None:
            context.mark_deleted(row)
    for model in list(context.scan_sorted(f"{MODEL}/{index.gateway}")):
        if (row := context.open(model.key)) is not None:
            for slot in sorted(row.value.blind):
                model_alarms.withdraw(context, row, index.gateway, slot)
            context.mark_deleted(row)


def _blocks(context: Context, index: SlotIndex) -> list[str]:
    """The keys of the gateway's rows, models aside."""
    levels = (PAST, BUDGET.name, BURN.name)
    keys = [row.key for level in levels for row in context.scan_sorted(f"{level}/{index.gateway}")]
    if departures.key(index.gateway) in context.rows:
        keys.append(departures.key(index.gateway))
    return keys + [row.key for level in SIZES for _, row in index.blocks(level)]
