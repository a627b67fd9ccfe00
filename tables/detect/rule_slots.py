"""A rule came, changed or went: a gateway's series get their slots, and the instances that it left are closed."""

from __future__ import annotations

import numpy as np

from tables.detect.aggregate.compiled_rule import CompiledRule
from tables.detect.aggregate.input_index import may_read
from tables.detect.anomaly import anomaly_target
from tables.detect.block_key import AGGREGATE, INSTANCE, SERIES
from tables.detect.columns import Array
from tables.detect.context import Context
from tables.detect.instances.instances import StateBlock
from tables.detect.instances.lifecycle import Cause
from tables.detect.series import slot_bound
from tables.detect.series.batch_layout import spread
from tables.detect.series.slot_allocation import use
from tables.detect.series.slot_history import Standing
from tables.detect.series.slot_index import SIZES, SlotIndex
from tables.detect.slots.uses import Use
from tables.detect.verdicts import periodic
from tables.kernel.row import AnyRow as Row


def adapt(context: Context, name: str, old: CompiledRule | None, new: CompiledRule | None) -> None:
    """A rule came, changed or went: the gateway's series get their slots, and instances that it left are closed."""
    entry = context.open_entry_row(name)
    if entry is None:
        return
    index, compiled = context.index(name), new or old
    assert compiled is not None
    if new is not None:
        _cover(context, entry, index, new)
        learned = anomaly_target.learned
        if old is not None and old.rule.condition.anomaly and learned(old) != learned(new):
            _end(context, entry, index, new)
        if old is None or not new.reads(old):
            # what it read before it was switched off is no part of it either
            _forget(context, index, new)
        if old is not None and new.reads(old) and new.rule.condition.by == old.rule.condition.by:
            return  # what has no series left, and still fires, is covered as before
    _leave(context, entry, index, compiled)


def reassign(context: Context, entry: Row, index: SlotIndex, compiled: CompiledRule) -> None:
    """What a rule may read of the gateway is another: what it may read now gets its slots, the rest is closed."""
    _cover(context, entry, index, compiled)
    _leave(context, entry, index, compiled)


def _leave(context: Context, entry: Row, index: SlotIndex, compiled: CompiledRule) -> None:
    """Close the instances of a rule that no series feeds any more."""
    living = (each for each in index.uses.of(compiled.id) if _held(context, entry, index, each))
    used = {each.state for each in living}
    left = [number for number in _states(index, compiled) if number not in used]
    given = np.array(
        sorted(number for number in left if number < slot_bound.following(entry, INSTANCE)), dtype=np.int64
    )
    for block, _, some in spread(given, SIZES[INSTANCE]):
        _close(context, index, block, some)


def _states(index: SlotIndex, compiled: CompiledRule) -> list[int]:
    return list(index.states.of(compiled.id).values())


def _held(context: Context, entry: Row, index: SlotIndex, use: Use) -> bool:
    # on a replay newer blocks hold slots that have still to be given: only what has been given is in use
    slots = [
        (SERIES, use.series),
        (INSTANCE, use.state),
        *([(AGGREGATE, use.window)] if use.window >= 0 else []),
    ]
    return all(
        number < slot_bound.following(entry, level)
        and index.standing(level, number, context.offset) is Standing.HELD
        for level, number in slots
    )


def _cover(context: Context, entry: Row, index: SlotIndex, compiled: CompiledRule) -> None:
    used = {(use.role, use.series) for use in index.uses.of(compiled.id) if _held(context, entry, index, use)}
    read = [(index.series[text], text) for text in may_read(compiled, index.texts)]
    for number, text in sorted(read):
        known = (
            number < slot_bound.following(entry, SERIES) and index.living(text, context.offset) is not None
        )
        for reader, role, function, key in index.reading(text, context.inputs) if known else ():
            if reader.id == compiled.id and (role, number) not in used:
                use(context, entry, index, "", (compiled, role, function, text, key))


def _forget(context: Context, index: SlotIndex, compiled: CompiledRule) -> None:
    mine = sorted(use.window for use in index.uses.of(compiled.id) if use.window >= 0)
    for block, _, slots in spread(np.array(mine, dtype=np.int64), SIZES[AGGREGATE]):
        if (row := context.open(index.key(AGGREGATE, block))) is not None:
            row.value.clear(slots)


def _end(context: Context, entry: Row, index: SlotIndex, compiled: CompiledRule) -> None:
    """What was found of something else is over."""
    mine = _states(index, compiled)
    given = np.array(
        sorted(number for number in mine if number < slot_bound.following(entry, INSTANCE)), dtype=np.int64
    )
    for block, _, slots in spread(given, SIZES[INSTANCE]):
        if (row := context.open(index.key(INSTANCE, block))) is not None:
            _shift(context, row, slots)


def _shift(context: Context, row: Row, slots: Array) -> None:
    row.value.move(slots, Cause.REMOVED, context.now(context.clock.now))
    periodic.rest(row)
    context.pending.add(row.key)


def _close(context: Context, index: SlotIndex, number: int, slots: Array) -> None:
    if (row := context.open(index.key(INSTANCE, number))) is None:
        return
    block: StateBlock = row.value
    # nothing feeds them any more: nobody waits for their values
    block.origins = block.origins.take(slots.tolist(), "", context.offset, context.clock.active)
    _shift(context, row, slots)
