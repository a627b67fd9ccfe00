"""Shares of the last five minutes in, how badly budgets burn out: rules of objectives judge that in their place."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from streams.documents.conditions.burn import STEP
from tables.detect.budget.state import BUDGET, BURN, SIZE, BudgetRow, Burn, BurnRow, ErrorBudget
from tables.detect.budget.steps import Settled, burn, rank, settle, stepped
from tables.detect.columns import Array
from tables.detect.context import Context
from tables.detect.instances import instances
from tables.detect.series.slot_index import SlotIndex

MOST = 1e300  # events of five minutes: whoever says more than that says nonsense


class Came(NamedTuple):
    """What came of an instance in the last five minutes, whose names are `marks`; `allowed`: the share that may be bad.

    Of the marks the first is written; the other one was, where `by` is not in order.
    """

    marks: tuple[str, str]
    bad: float
    total: float
    allowed: float


def score(
    context: Context,
    index: SlotIndex,
    block: int,
    readings: tuple[Array, Array],
    totals: tuple[Array, Array],
    at: int,
) -> Array:
    """The values of slots of one state block, how badly it burns in the place of shares.

    `totals`: slots, and how many events each had in the last five minutes.
    """
    (slots, values), targets = readings, context.plan(index).budgets[block]
    total_of = dict(zip(totals[0].tolist(), totals[1].tolist(), strict=True))
    scores, rows = values.astype(np.float64), dict[int, dict[int, Came]]()
    held = np.zeros(instances.SIZE, dtype=bool)
    held[list(targets)] = True
    places = {int(slots[place]): place for place in np.flatnonzero(held[slots]).tolist()}
    for slot, place in places.items():
        target = targets[slot]
        total, number = _counted(total_of.get(slot, 0.0)), block * instances.SIZE + slot
        came = _counted(float(values[place]) * total)
        condition = target.compiled.rule.condition
        bad = total - came if condition.counts == "good" and total else came
        rows.setdefault(number // SIZE, {})[number] = Came(target.marks, bad, total, condition.budget)
    for row, came_of in sorted(rows.items()):
        for number, found_burn in _row(context, index, row, came_of, at).items():
            scores[places[number % instances.SIZE]] = rank(found_burn.rates)
    return scores


def _counted(number: float) -> float:
    """So many events as a row can keep them, and add them up for a month; 0 where it is no number."""
    return 0.0 if isnan(number) else min(max(number, 0.0), MOST)


def _row(
    context: Context, index: SlotIndex, row_number: int, came: Mapping[int, Came], at: int
) -> dict[int, Burn]:
    """Take what came of the instances of one row; how each burns."""
    owner = f"{index.gateway}/{row_number:05d}"
    kept = context.get(BUDGET, owner) or BudgetRow()
    after = {
        number: stepped(_known(kept, number, spending.marks), at, spending.bad, spending.total)
        for number, spending in came.items()
    }
    if any(kept.budgets.get(number) is not budget for number, budget in after.items()):
        row = context.open(BUDGET.key(owner))
        if row is not None:
            row.value = BudgetRow(kept.budgets | after)
    burns = {
        number: burn(
            budget := after[number],
            at,
            spending.bad,
            spending.total,
            spending.allowed,
            _settled(index, number, budget, at),
        )
        for number, spending in came.items()
    }
    if (row := context.open(BURN.key(owner))) is not None:
        before: BurnRow = row.value or BurnRow()
        row.value = BurnRow(before.burns | burns)
    return burns


def _settled(index: SlotIndex, number: int, budget: ErrorBudget, at: int) -> Settled:
    """What of an instance's budget stays as it is, found once a step."""
    settled = index.settled.get(number)
    if settled is None or settled.budget is not budget or settled.number != at // STEP:
        settled = index.settled[number] = settle(budget, at)
    return settled


def _known(row: BudgetRow, number: int, marks: tuple[str, str]) -> ErrorBudget:
    """The budget of an instance; empty where the slot had another, or the rule looks at something else now."""
    known = row.budgets.get(number)
    if known is None or known.mark not in marks:
        return ErrorBudget(marks[0])
    return known if known.mark == marks[0] else replace(known, mark=marks[0])


def shown(context: Context, gateway: str, number: int) -> Burn | None:
    """How the budget of an instance burns, by the number of its state; None where that is not known."""
    block, slot = divmod(number, instances.SIZE)
    target = context.plan(context.index(gateway)).budgets.get(block, {}).get(slot)
    row = context.get(BURN, f"{gateway}/{number // SIZE:05d}")
    burns = row.burns.get(number) if row is not None else None
    return burns if burns is not None and target is not None and burns.mark in target.marks else None
