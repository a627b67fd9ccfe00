"""A gateway of which nothing has been heard for long, and of which nothing is left, is forgotten: names cost rows."""

from __future__ import annotations

from tables.detect import complaint, departures, gateway, room, roster, sources
from tables.detect.block_key import MODEL
from tables.detect.context import Context
from tables.detect.events import pipeline as events
from tables.detect.events.state import EVENT, EventCause
from tables.detect.index import SIZES, Index
from tables.detect.tenancy import Standing
from tables.kernel.level import owner_of
from tables.kernel.row import AnyRow as Row


def due(machine: Context, entry: Row) -> bool:
    """Whether the gateway's time had come and it was forgotten; where something is left, it is looked at again."""
    at, attended = gateway.forgettable(entry.value, machine.terms), machine.clock.active
    if at is None or at > attended:
        return False
    name = owner_of(entry.key)
    index = machine.index(name)
    if entry.value.get("crowded") or _holds(machine, entry, index):
        entry.value["kept"] = attended + machine.terms.sweep
        return False
    sources.forget(machine, entry)
    events.remove(machine, f"{EVENT.name}/gateway/{name}", machine.rules, EventCause.FORGOTTEN)
    roster.forget(machine, name)
    _kill(machine, index)
    machine.mark_deleted(entry)
    machine.scope.forget(name)
    machine.indexes.pop(name, None)
    machine.plans.pop(name, None)
    return True


def _holds(machine: Context, entry: Row, index: Index) -> bool:
    """Whether some series, window or instance still has its slot."""
    return any(
        number < room.following(entry, level)
        and index.standing(level, number, machine.offset) is Standing.HELD
        for level in SIZES
        for number in index.names[level].values()
    )


def _kill(machine: Context, index: Index) -> None:
    for level in SIZES:
        block = 0
        while (key := index.key(level, block)) in machine.rows:
            if (row := machine.open(key)) is not None:
                machine.mark_deleted(row)
            block += 1
    if (departures.key(index.gateway) in machine.rows) and (
        row := machine.open(departures.key(index.gateway))
    ) is not None:
        machine.mark_deleted(row)
    for model in list(machine.scan_sorted(f"{MODEL}/{index.gateway}")):
        if (row := machine.open(model.key)) is not None:
            for slot in sorted(row.value.blind):
                complaint.withdraw(machine, row, index.gateway, slot)
            machine.mark_deleted(row)
