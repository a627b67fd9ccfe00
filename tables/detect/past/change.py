"""Values of windows in, how far they have changed since an earlier window out; what was not watched then is unknown.

The value of a window is kept once a step, the first that comes in it. Between two steps the value then is taken to lie
on the line between them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from streams.documents.conditions.compared import STEPS
from streams.limit import NOISE
from tables.detect.block_key import PAST, block_key, gateway_of, number_of
from tables.detect.columns import NEVER, Array, some
from tables.detect.context import Context
from tables.detect.past.change_targets import ChangeTargets
from tables.detect.past.past_block import MOST, STRETCH, PastBlock, number_of_row
from tables.detect.series.digits import freed
from tables.kernel.row import AnyRow


class Where(NamedTuple):
    """A block of instances of a gateway."""

    gateway: str
    block: int


Judged = tuple[Array, Array]  # slots and their values


def judged(
    context: Context, where: Where, targets: ChangeTargets, waiting: Judged, early: Judged, at: int
) -> tuple[Judged, Judged, Array]:
    """What waits to be judged with changes in the place of values; what is only looked at; what is not known.

    `early`: of windows that have not been watched in full; of those no change is known. Values at `at`, event ms, are
    kept.
    """
    (slots, values), mine, not_whole = waiting, targets.among(waiting[0]), targets.among(early[0])
    if not some(mine) and not some(not_whole):
        return waiting, early, slots[:0]
    changes, known = _compare(context, where, targets.only(slots[mine]), values[mine], at)
    changed, sure = values.astype(np.float64), np.ones(len(slots), dtype=bool)
    changed[mine], sure[mine] = changes, known
    unknown = np.concatenate([slots[~sure], early[0][not_whole]])
    return (slots[sure], changed[sure]), (early[0][~not_whole], early[1][~not_whole]), unknown


def _compare(
    context: Context, where: Where, of: ChangeTargets, values: Array, at: int
) -> tuple[Array, Array]:
    """How far each has changed, NaN where there is no value now, and whether that is known."""
    changes, known = np.full(len(values), np.nan), np.isnan(values)
    for length in sorted(set(of.lengths.tolist())):
        mine = of.lengths == length
        some_of, now = ChangeTargets(*(column[mine] for column in of)), values[mine]
        _keep(context, where, some_of, now, at, length)
        before = then(context, where, some_of, at, length)
        changes[mine] = compared = _change(now, before, some_of.relative)
        known[mine] |= ~np.isnan(compared)
    return changes, known


def _change(now: Array, before: Array, relative: Array) -> Array:
    """NaN where it cannot be said: nothing is known, or a share of nought is asked for."""
    moved = now - before
    largest = np.maximum(np.abs(now), np.abs(before))
    moved = np.where(np.abs(moved) <= 2 * NOISE * largest, 0.0, freed(moved, largest))  # from rounding
    size = np.abs(before)
    share = np.where(size > 0, moved / np.where(size > 0, size, 1.0), np.where(moved == 0, 0.0, np.nan))
    return np.where(relative, np.where(np.isnan(moved), np.nan, share), moved)


def _keep(context: Context, where: Where, of: ChangeTargets, now: Array, at: int, length: int) -> None:
    """The first value that comes in a step is that step's."""
    stretch, place = divmod(at // STEPS[length], STRETCH)
    if where.block >= MOST:
        return
    key = block_key(PAST, where.gateway, number_of_row(where.block, length, stretch))
    block = _block(context, key)
    if block is not None and block.length == length and block.stretch > stretch:
        return  # it comes too late
    new = ~np.isnan(now) & np.isnan(_read(block, of, length, stretch, place))
    if not some(new) or (row := context.open(key)) is None:
        return
    if (row.value.length, row.value.stretch) != (length, stretch):
        row.value.begin(length, stretch)
    row.value.put(of.slots[new], (of.marks[new], of.older[new]), place, now[new])


def then(context: Context, where: Where, of: ChangeTargets, at: int, length: int) -> Array:
    """What windows held a length before event ms `at`; NaN where that is not known."""
    step, within = divmod(at - length, STEPS[length])
    first, second = (_at(context, where, of, length, number) for number in (step, step + 1))
    line = first + (second - first) * (within / STEPS[length])
    return np.where(np.isnan(first), second, np.where(np.isnan(second), first, line))


def _at(context: Context, where: Where, of: ChangeTargets, length: int, step: int) -> Array:
    stretch, place = divmod(step, STRETCH)
    key = block_key(PAST, where.gateway, number_of_row(where.block, length, stretch))
    return _read(_block(context, key), of, length, stretch, place)


def _block(context: Context, key: str) -> PastBlock | None:
    row = context.rows.get(key)
    return None if row is None or row.dead else row.value


def _read(block: PastBlock | None, of: ChangeTargets, length: int, stretch: int, place: int) -> Array:
    if block is None or (block.length, block.stretch) != (length, stretch):
        return np.full(len(of.slots), np.nan)
    return block.read(of.slots, (of.marks, of.older), place)


def earlier(context: Context, row: AnyRow, slot: int, at: int) -> float:
    """What the value of an instance at event ms `at` is compared with; NaN where that is not known.

    `row`: its block's.
    """
    where = Where(gateway_of(row.key), number_of(row.key))
    targets = context.plan(context.index(where.gateway)).changes.get(where.block)
    if targets is None or slot not in targets.slots or at == NEVER:
        return float("nan")
    of = targets.only(np.array([slot]))
    return float(then(context, where, of, at, int(of.lengths[0]))[0])
