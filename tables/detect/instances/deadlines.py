"""What a block of states does when its time has come: what has held for long enough moves, and its rounds are made."""

from __future__ import annotations

import numpy as np

from tables.detect.block_key import gateway_of
from tables.detect.context import Context
from tables.detect.health import gateway
from tables.detect.instances.instances import StateBlock
from tables.detect.instances.lifecycle import Now
from tables.detect.series import slot_gc
from tables.detect.verdicts import refresh, verdicts
from tables.kernel.row import AnyRow as Row


def due(context: Context, row: Row) -> None:
    """An instance has held for long enough, the block comes from quarantine, or it has a round to make."""
    block: StateBlock = row.value
    _move(context, row)
    if row.quarantine is not None and context.may_emit:
        verdicts.publish(context, row)  # it comes from quarantine: what it failed at is tried first
    context.pending.add(row.key)
    if block.sweep <= context.clock.active:
        slot_gc.due(context, row)
    if block.refresh <= context.clock.active:
        refresh.due(context, row)
    if 0 < block.values <= context.clock.active:
        refresh.values_due(context, row)
    row.deadline = block.deadline()


def _move(context: Context, row: Row) -> None:
    """What has held, or ended, for long enough moves; instances of a lost source wait, for nothing is known of them."""
    block: StateBlock = row.value
    slots = np.flatnonzero((block.due > 0) & (block.due <= context.clock.active))
    if not len(slots):
        return
    entry = context.gateway(gateway_of(row.key))
    known = {
        source for source, of in entry.sources.items() if not (of.lost or gateway.is_gone(entry, source))
    }
    seen = np.array([block.sources[slot] in known for slot in slots.tolist()], dtype=bool)
    block.own(("due",))
    block.due[slots[~seen]] = context.clock.active + gateway.WAIT  # unknown until its source is back
    hold, keep = np.zeros((2, len(block.state)), dtype=np.int64)
    for slot in map(int, slots[seen]):
        if (rule := context.rules.get(block.keys[slot][0])) is not None:
            hold[slot], keep[slot] = rule.for_, rule.keep
    now = Now(context.clock.now, context.clock.active, not context.clock.caught_up)
    block.elapse(slots[seen], now, hold, keep)
