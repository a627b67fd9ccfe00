"""What a block of states does when its time has come: what has held for long enough moves, and its rounds are made."""

from __future__ import annotations

import numpy as np

from tables.detect import gateway, refresh, sweep, verdicts
from tables.detect.block_key import gateway_of
from tables.detect.context import Context
from tables.detect.instances import StateBlock
from tables.detect.levels import GATEWAY
from tables.detect.lifecycle import Now
from tables.kernel.row import AnyRow as Row


def due(machine: Context, row: Row) -> None:
    """An instance has held for long enough, the block comes from quarantine, or it has a round to make."""
    block: StateBlock = row.value
    _move(machine, row)
    if row.quarantine is not None and machine.may_emit:
        verdicts.publish(machine, row)  # it comes from quarantine: what it failed at is tried first
    machine.owing.add(row.key)
    if block.sweep <= machine.clock.active:
        sweep.due(machine, row)
    if block.refresh <= machine.clock.active:
        refresh.due(machine, row)
    if 0 < block.values <= machine.clock.active:
        refresh.values_due(machine, row)
    row.deadline = block.deadline()


def _move(machine: Context, row: Row) -> None:
    """What has held, or ended, for long enough moves; instances of a lost source wait, for nothing is known of them."""
    block: StateBlock = row.value
    slots = np.flatnonzero((block.due > 0) & (block.due <= machine.clock.active))
    if not len(slots):
        return
    entry = machine.rows[GATEWAY.key(gateway_of(row.key))].value
    known = {
        source
        for source, of in entry["sources"].items()
        if not (of["lost"] or gateway.is_gone(entry, source))
    }
    seen = np.array([block.sources[slot] in known for slot in slots.tolist()], dtype=bool)
    block.own(("due",))
    block.due[slots[~seen]] = machine.clock.active + gateway.WAIT  # unknown until its source is back
    hold, keep = np.zeros((2, len(block.state)), dtype=np.int64)
    for slot in map(int, slots[seen]):
        if (rule := machine.rules.get(block.keys[slot][0])) is not None:
            hold[slot], keep[slot] = rule.for_, rule.keep
    now = Now(machine.clock.now, machine.clock.active, not machine.clock.caught_up)
    block.elapse(slots[seen], now, hold, keep)
