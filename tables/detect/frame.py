"""The values of a frame on their way down the levels: series, windows, states."""

from __future__ import annotations

import numpy as np

from tables.detect import fill
from tables.detect.aggregate import watched
from tables.detect.aggregate.aggregate import value
from tables.detect.aggregate.evaluation import Evaluation, Readings
from tables.detect.aggregate.plan import Direct
from tables.detect.anomaly import scoring
from tables.detect.block_key import INSTANCE
from tables.detect.budget import burning
from tables.detect.columns import Array, some
from tables.detect.context import Context
from tables.detect.fill import Fresh
from tables.detect.instances import data_gap, instances
from tables.detect.instances.lifecycle import Limits, Now
from tables.detect.past import change
from tables.detect.recording import recording
from tables.detect.series.batch_layout import Pieces
from tables.detect.series.slot_index import SlotIndex
from tables.detect.verdicts import periodic
from tables.detect.windows.window_bank import WindowBank
from tables.kernel.row import AnyRow as Row


def take(context: Context, index: SlotIndex, pieces: Pieces, values: Array, moment: Evaluation) -> None:
    """Give the values of a batch to series, to the windows that they fill, and to the states that they feed."""
    fresh, direct = fill.take(context, index, pieces, values, moment), context.plan(index).direct
    windows = context.windows(index) if any(of.view is not None for of in direct) else None
    for of in direct:
        _wait(windows, of, fresh, moment)


def _wait(windows: WindowBank | None, direct: Direct, fresh: Fresh, moment: Evaluation) -> None:
    """Whatever is fresh waits to be judged, one by one."""
    if direct.kind.counts and moment.source.untrusted:
        return
    if direct.view is None and fresh.just(direct.series):
        moment.waiting.append((direct.states, fresh.came.values))
        return
    chosen, states, series = fresh.chosen[direct.series], direct.states, direct.series
    count = np.count_nonzero(chosen)
    if not count:
        return
    if count < len(chosen):
        states, series = states[chosen], series[chosen]
    if direct.view is None or windows is None:
        moment.waiting.append((states, fresh.values[series]))
        return
    view = direct.view.only(chosen)
    numbers = value(view, *windows.read(view, moment.at))
    if direct.kind.watched:
        begun = watched.since(moment.source, view.over, direct.kind.counts)
        whole = moment.at - np.maximum(begun, windows.begun(view.slots)) >= view.over
        part(moment, (states, numbers), whole, direct.kind.in_full)
        return
    moment.waiting.append((states, numbers))


def part(
    moment: Evaluation, readings: tuple[Array, Array], whole: Array | None, in_full: Array | bool
) -> None:
    """What is judged, and what is only looked at: `in_full`, it has to be watched so, and its window was not.

    `whole`: whether it was, None where nobody asks.
    """
    if whole is not None:
        moment.watched.append((readings[0], whole))
    if whole is None or np.count_nonzero(judged := whole | ~np.asarray(in_full)) == len(whole):
        moment.waiting.append(readings)
        return
    states, values = readings
    for waiting, of in ((moment.waiting, judged), (moment.early, ~judged)):
        if some(of):
            waiting.append((states[of], values[of]))


def _by_block(readings: Readings) -> dict[int, tuple[Array, Array]]:
    """By state block, slots and what is read of them."""
    if not readings:
        return {}
    states = np.concatenate([states for states, _ in readings])
    values = np.concatenate([values for _, values in readings])
    if some(states[1:] < states[:-1]):
        order = np.argsort(states, kind="stable")
        states, values = states[order], values[order]
    blocks = states // instances.SIZE
    slots, cuts = (
        states - blocks * instances.SIZE,
        [0, *(np.flatnonzero(blocks[1:] != blocks[:-1]) + 1).tolist()],
    )
    return {
        number: (slots[cut:end], values[cut:end])
        for number, cut, end in zip(blocks[cuts].tolist(), cuts, [*cuts[1:], len(states)], strict=True)
    }


def judge(context: Context, index: SlotIndex, moment: Evaluation) -> None:
    """Judge what waits, block by block, and say what has changed."""
    now = context.now(moment.at)._replace(bridged=data_gap.bridged(moment.source))
    plan, nothing = context.plan(index), (np.empty(0, dtype=np.int64), np.empty(0))
    waiting, early_of, totals = map(_by_block, (moment.waiting, moment.early, moment.totals))
    watched_of = _by_block(moment.watched)
    for number in sorted(waiting.keys() | early_of.keys()):
        slots, values = waiting.get(number, nothing)
        values = _scored(context, index, number, (slots, values), totals.get(number), moment)
        early, unknown = early_of.get(number, nothing), slots[:0]
        if (targets := plan.changes.get(number)) is not None:
            (slots, values), early, unknown = change.judged(
                context, change.Where(index.gateway, number), targets, (slots, values), early, moment.at
            )
        row = context.open(index.key(INSTANCE, number))
        if row is not None:
            if number in watched_of and row.value.watch(*watched_of[number]):
                context.pending.add(row.key)  # what rules about this one know of it has changed
            if (recorders := plan.recorders.get(number)) is not None:
                recording.record(
                    context, index.gateway, recorders, (slots, values), row.value.unwatched, moment.at
                )
            _judge(context, row, ((slots, values), early, unknown), now, plan.limits[number])


def _scored(
    context: Context,
    index: SlotIndex,
    number: int,
    readings: tuple[Array, Array],
    totals: tuple[Array, Array] | None,
    moment: Evaluation,
) -> Array:
    """The values of slots of a state block, scores in the place of those of which something else is judged."""
    slots, values = readings
    if number in context.plan(index).subjects and len(slots):
        values = scoring.score(context, index, number, (slots, values), moment)
    if totals is not None and number in context.plan(index).budgets:
        values = burning.score(context, index, number, (slots, values), totals, moment.at)
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
    if len(early[0]) or len(unknown):
        more = watched.held(row.value, early, unknown, now, limits)
        slots, values = np.concatenate([slots, more[0]]), np.concatenate([values, more[1]])
    restless = len(slots) > 0 and row.value.judge(slots, values, now, limits)
    if restless or some(unvalued != np.isnan(row.value.value)):
        # also where rules about this one may know now, or not any more, how it stands
        periodic.rest(row)
        context.pending.add(row.key)
