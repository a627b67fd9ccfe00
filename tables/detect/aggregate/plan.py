"""Which slots feed which: one gateway's uses turned into index arrays, so that judging is arithmetic.

Arrays are cut by what is done with them, never by rule or block: all rules of a frame share what a numpy call costs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

import numpy as np

from tables.detect.aggregate import aggregate
from tables.detect.aggregate.compiled_rule import CompiledRule
from tables.detect.aggregate.grouping import Groups, group
from tables.detect.aggregate.rule_inputs import Kind, RuleInputs
from tables.detect.aggregate.view import View
from tables.detect.anomaly.anomaly_targets import AnomalyTargets
from tables.detect.budget.budget_target import BudgetTarget
from tables.detect.columns import Array, pooled
from tables.detect.instances import instances
from tables.detect.instances.lifecycle import Bands, Limits
from tables.detect.past.change_targets import ChangeTargets
from tables.detect.recording.recorded_source import Recorders
from tables.detect.slots.uses import Use


class Feed(NamedTuple):
    """Numbers of series that fill windows, in the same order; `blocks`: those of the windows."""

    kind: Kind
    series: Array
    view: View
    blocks: frozenset[int]


class Direct(NamedTuple):
    """Numbers of series judged one by one, by their last values or (with `view`) by their windows, as these states."""

    kind: Kind
    series: Array
    states: Array
    view: View | None


class Plan(NamedTuple):
    """Everything of one gateway. `limits` by state block; `windows`: the blocks that are fed.

    `series`: how many there are, with those that are not read.
    """

    feeds: list[Feed]
    direct: list[Direct]
    windows: list[int]
    series: int
    groups: Groups | None
    limits: dict[int, Limits]
    patient: tuple[int, ...]  # the state blocks in which a missing value means something
    subjects: dict[int, AnomalyTargets]  # by state block, what has a model
    budgets: dict[int, dict[int, BudgetTarget]]  # by state block and slot, what has an error budget
    changes: dict[int, ChangeTargets]  # by state block, what is compared with earlier windows
    recorders: Recorders  # by state block and slot, what records


def make(
    uses: Iterable[Use],
    states: Mapping[int, CompiledRule | None],
    subjects: dict[int, AnomalyTargets],
    budgets: dict[int, dict[int, BudgetTarget]],
    changes: dict[int, ChangeTargets],
    recorders: Recorders,
    named: Collection[str],
) -> Plan:
    """The plan for all uses; `states`: whose each slot is, as some outlive their series; `subjects`: with a model.

    `budgets`: with an error budget; `changes`: with an earlier window; `recorders`: what records; `named`: ids of
    rules that others are made of.
    """
    columns, limits = RuleInputs(uses, named), _limits(states)
    feeds = _feeds(columns)
    patient = tuple(n for n, limit in limits.items() if limit.missed.any())
    return Plan(
        feeds,
        _directs(columns),
        sorted(frozenset[int]().union(*(feed.blocks for feed in feeds))),
        int(columns.series.max(initial=-1)) + 1,
        group(columns),
        limits,
        patient,
        subjects,
        budgets,
        changes,
        recorders,
    )


def _feeds(uses: RuleInputs) -> list[Feed]:
    windowed = np.flatnonzero(uses.window >= 0)
    return [
        Feed(
            (kind := uses.filling_of(some)),
            pooled(uses.series[some]),
            uses.view(some)._replace(function=kind.function),
            frozenset((uses.window[some] // aggregate.SIZE).tolist()),
        )
        for some in uses.alike(windowed, uses.filling, uses.over)
    ]


def _directs(uses: RuleInputs) -> list[Direct]:
    singles = np.flatnonzero(~uses.grouped)
    return [
        Direct(
            uses.kind_of(some),
            pooled(uses.series[some]),
            pooled(uses.state[some]),
            uses.view(some) if uses.window[some[0]] >= 0 else None,
        )
        for some in uses.alike(singles, uses.kind, uses.over)
    ]


def _limits(states: Mapping[int, CompiledRule | None]) -> dict[int, Limits]:
    size = -(-(max(states, default=-1) + 1) // instances.SIZE) * instances.SIZE
    beyond, back = np.full((size, 3), np.nan), np.full((size, 3), np.nan)
    sign = np.ones(size)
    hold, keep, missed = (np.zeros(size, dtype=np.int64) for _ in range(3))
    counts = np.zeros(size, dtype=bool)
    for number, compiled in states.items():
        if compiled is None:
            continue  # its rule has gone
        beyond[number], back[number], sign[number] = compiled.limits
        hold[number], keep[number] = compiled.rule.for_, compiled.rule.keep
        missed[number], counts[number] = compiled.patience, compiled.counts
    first = np.where(np.isnan(beyond), np.inf, beyond).min(axis=1, initial=np.inf)
    whole = (beyond, back, sign, hold, keep, missed, first, counts)
    cuts = [slice(start, start + instances.SIZE) for start in range(0, size, instances.SIZE)]
    bands = _bands(states, size)
    columns: list[tuple[Array, ...]] = [tuple(column[cut] for column in whole) for cut in cuts]
    return {n: Limits._make((*map(pooled, columns[n]), _cut(bands, cut))) for n, cut in enumerate(cuts)}


def _bands(states: Mapping[int, CompiledRule | None], size: int) -> Bands | None:
    """Of all slots; None where no rule compares with bands."""
    banded = {
        n: (compiled.bands, compiled.proven)
        for n, compiled in states.items()
        if compiled is not None and compiled.bands
    }
    if not banded:
        return None
    chosen, within = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    low, high = np.full((size, 3), np.nan), np.full((size, 3), np.nan)
    sure_low, sure_high = np.zeros((size, 3), dtype=bool), np.zeros((size, 3), dtype=bool)
    for number, (of, proven) in banded.items():
        chosen[number] = True
        low[number], high[number], within[number] = of
        sure_low[number], sure_high[number] = proven
    return Bands(chosen, low, high, within, sure_low, sure_high)


def _cut(bands: Bands | None, cut: slice) -> Bands | None:
    return (
        Bands(*(pooled(column[cut]) for column in bands))
        if bands is not None and bands.chosen[cut].any()
        else None
    )
