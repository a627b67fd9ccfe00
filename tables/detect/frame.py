"""The values of a frame on their way down the levels: series, windows, states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tables.detect import fill
from tables.detect.aggregate import watched
from tables.detect.aggregate.aggregate import value
from tables.detect.aggregate.evaluation import Evaluation
from tables.detect.aggregate.plan import Direct
from tables.detect.anomaly import scoring
from tables.detect.block_key import AGGREGATE, INSTANCE, SERIES
from tables.detect.budget import burning
from tables.detect.columns import Array, some
from tables.detect.context import Context
from tables.detect.fill import BlockValues
from tables.detect.instances import data_gap
from tables.detect.instances.lifecycle import Limits, Now
from tables.detect.past import change
from tables.detect.recording import recording
from tables.detect.series.batch_layout import Piece
from tables.detect.series.slot_index import SlotIndex
from tables.detect.verdicts import periodic
from tables.kernel.row import AnyRow as Row


def take(context: Context, index: SlotIndex, piece: Piece, values: Array, moment: Evaluation) -> None:
    """Give the values of one series block to it, to the windows that it fills, and to the states that it feeds."""
    row = context.open(index.key(SERIES, piece.block))
    if row is None:
        return
    slots, block, plan = piece.slots, row.value, context.plan(index)
    if some(unknown := np.isnan(values)):
        slots, values = slots[~unknown], values[~unknown]
    feeds, directs = plan.feeds.get(piece.block, ()), plan.direct.get(piece.block, ())
    if not feeds and len(directs) == 1 and _same(directs[0].series, slots):
        taken = block.put(slots, moment.at, values)
        if not some(~taken):  # nearly always: one value for each series, and each read by one rule
            moment.waiting.setdefault(directs[0].block, []).append((directs[0].states, values))
            return
        fresh = fill.spread(block, slots[taken], True)
    else:
        fresh = fill.take(context, index, BlockValues(block, slots, values), feeds, moment)
    for direct in directs:
        _wait(context, index, direct, fresh, block.value, moment)


def _same(series: Array, slots: Array) -> bool:
    return series is slots or np.array_equal(series, slots)


def _wait(
    context: Context, index: SlotIndex, direct: Direct, fresh: Array, values: Array, moment: Evaluation
) -> None:
    """Whatever of a block is fresh waits to be judged, one by one; `values`: the latest of all its series."""
    if direct.kind.counts and moment.source.untrusted:
        return
    chosen = fresh[direct.series]
    if direct.view is None:
        numbers = values[direct.series[chosen]]
    else:
        view, windows = direct.view.only(chosen), block_of(context, index, AGGREGATE, direct.view.block)
        numbers = value(view, *windows.read(view, moment.at))
        if direct.kind.watched:
            begun = watched.since(moment.source, view.over, direct.kind.counts)
            whole = moment.at - np.maximum(begun, windows.begun(view.slots)) >= view.over
            part(moment, direct.block, (direct.states[chosen], numbers), whole, direct.kind.in_full)
            return
    moment.waiting.setdefault(direct.block, []).append((direct.states[chosen], numbers))


def part(
    moment: Evaluation,
    block: int,
    readings: tuple[Array, Array],
    whole: Array | None,
    in_full: Array | bool,
) -> None:
    """What is judged, and what is only looked at: `in_full`, it has to be watched so, and its window was not.

    `whole`: whether it was, None where nobody asks.
    """
    if whole is not None:
        moment.watched.setdefault(block, []).append((readings[0], whole))
    if whole is None or np.count_nonzero(judged := whole | ~np.asarray(in_full)) == len(whole):
        moment.waiting.setdefault(block, []).append(readings)
        return
    slots, values = readings
    for waiting, of in ((moment.waiting, judged), (moment.early, ~judged)):
        if some(of):
            waiting.setdefault(block, []).append((slots[of], values[of]))


def judge(context: Context, index: SlotIndex, moment: Evaluation) -> None:
    """Judge what waits, block by block, and say what has changed."""
    now = context.now(moment.at)._replace(bridged=data_gap.bridged(moment.source))
    for number in sorted(moment.waiting.keys() | moment.early.keys()):
        slots, values = _together(moment.waiting.get(number, ()))
        values = _scored(context, index, number, (slots, values), moment)
        early = _together(moment.early.get(number, ()))
        unknown = slots[:0]
        if (targets := context.plan(index).changes.get(number)) is not None:
            (slots, values), early, unknown = change.judged(
                context, change.Where(index.gateway, number), targets, (slots, values), early, moment.at
            )
        row = context.open(index.key(INSTANCE, number))
        if row is not None:
            for of, whole in moment.watched.get(number, ()):
                if row.value.watch(of, whole):  # what rules about this one know of it has changed
                    context.pending.add(row.key)
            if (recorders := context.plan(index).recorders.get(number)) is not None:
                recording.record(
                    context, index.gateway, recorders, (slots, values), row.value.unwatched, moment.at
                )
            limits = context.plan(index).limits[number]
            _judge(context, row, ((slots, values), early, unknown), now, limits)


def _scored(
    context: Context, index: SlotIndex, number: int, readings: tuple[Array, Array], moment: Evaluation
) -> Array:
    """The values of slots of a state block, scores in the place of those of which something else is judged."""
    slots, values = readings
    if number in context.plan(index).subjects and len(slots):
        values = scoring.score(context, index, number, (slots, values), moment)
    if number in context.plan(index).budgets and number in moment.totals:
        totals = moment.totals[number]
        values = burning.score(context, index.gateway, number, (slots, values), totals, moment.at)
    return values


def _judge(
    context: Context,
    row: Row,
    readings: tuple[tuple[Array, Array], tuple[Array, Array], Array],
    now: Now,
    limits: Limits,
) -> None:
    """`readings`: of a block what is judged, what is only looked at, and of which slots nothing is known."""
    (slots, values), early, unknown = readings
    unvalued = np.isnan(row.value.value)
    restless = len(slots) > 0 and row.value.judge(slots, values, now, limits)
    if len(early[0]):
        restless |= watched.hold(row.value, *early, now, limits)
    if len(unknown):
        restless |= watched.hold_unknown(row.value, unknown, now, limits)
    if restless or some(unvalued != np.isnan(row.value.value)):
        # also where rules about this one may know now, or not any more, how it stands
        periodic.rest(row)
        context.pending.add(row.key)


def _together(parts: Sequence[tuple[Array, Array]]) -> tuple[Array, Array]:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return np.empty(0, dtype=np.int64), np.empty(0)
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def block_of(context: Context, index: SlotIndex, level: str, number: int) -> Any:
    """The value of a block of a level."""
    return context.rows[index.key(level, number)].value
