"""Grouped rules of one gateway as index arrays: what is reduced to which group, and how a group ends as one number."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tables.detect.aggregate.distribution import share
from tables.detect.aggregate.rule_inputs import Kind, RuleInputs
from tables.detect.aggregate.view import FILL, View
from tables.detect.columns import Array
from tables.detect.instances import instances
from tables.detect.series import series_block
from tables.detect.series.batch_layout import spread


class Member(NamedTuple):
    """Windows, or slots of one block of series, that grouped rules reduce.

    `groups`: the group of each, `places`: where its number goes; `series`: the numbers of their series.
    """

    kind: Kind
    view: View  # of windows, or of series where the function is `last`
    groups: Array
    places: Array
    bounds: Array  # upper ends of buckets of histograms, NaN of what is none
    series: Array

    @property
    def windowed(self) -> bool:
        """Whether it reads windows, and not last values."""
        return self.kind.function != "last"

    def only(self, chosen: Array) -> Member:
        """Those of a mask."""
        columns = (column[chosen] for column in (self.groups, self.places, self.bounds, self.series))
        return Member(self.kind, self.view.only(chosen), *columns)


class Groups(NamedTuple):
    """All groups of all rules. Each has two places, its number and, that many groups further on, its denominator.

    By place: `start`, what a reduction begins with; `average`, `number`: whether the mean of all samples is wanted, or
    how many there are; `scale`: what to multiply with. By group: `least`, the least denominator, NaN where there is
    none; `counts`, whether its rule reads counters; `in_full`: whether what was not seen could make it right,
    `watched`: whether somebody asks if that is so; `over`: ms of its windows; `quantile`: the share of a histogram,
    NaN of others. `states`: (block of states, which groups, their slots); `numbers`: of all states, sorted.
    """

    members: list[Member]
    states: list[tuple[int, Array, Array]]
    numbers: Array
    start: Array
    average: Array
    number: Array
    scale: Array
    least: Array
    counts: Array
    in_full: Array
    watched: Array
    over: Array
    quantile: Array


def group(uses: RuleInputs) -> Groups | None:
    """The groups of all grouped rules; None where there is no such rule."""
    chosen = np.flatnonzero(uses.grouped)
    if not len(chosen):
        return None
    states = np.unique(uses.state[chosen])
    groups = np.searchsorted(states, uses.state)
    role = np.array([use.role for use in uses.inputs])[uses.input]
    places = groups + role * len(states)
    return Groups(
        _members(uses, chosen, groups, places),
        spread(states, instances.SIZE),
        states,
        *_places(uses, chosen, places, 2 * len(states)),
        *_each(uses, chosen, groups, len(states)),
    )


def _members(uses: RuleInputs, chosen: Array, groups: Array, places: Array) -> list[Member]:
    block = np.where(uses.window >= 0, -1, uses.series // series_block.SIZE)
    return [
        Member(
            uses.kind_of(some),
            uses.view(some),
            groups[some],
            places[some],
            uses.bound[some],
            uses.series[some],
        )
        for some in uses.alike(chosen, uses.kind, block, uses.over)
    ]


def _places(uses: RuleInputs, chosen: Array, places: Array, size: int) -> tuple[Array, Array, Array, Array]:
    functions = [use.function for use in uses.inputs]
    scales = [
        1_000.0 / use.compiled.rule.condition.window if use.function == "rate" else 1.0 for use in uses.inputs
    ]
    where, of = places[chosen], uses.input[chosen]
    start, scale = np.zeros(size), np.ones(size)
    average, number = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    start[where] = np.array([FILL.get(function, 0.0) for function in functions])[of]
    average[where] = np.array([function == "avg" for function in functions])[of]
    number[where] = np.array([function == "count" for function in functions])[of]
    scale[where] = np.array(scales)[of]
    return start, average, number, scale


def _each(
    uses: RuleInputs, chosen: Array, groups: Array, size: int
) -> tuple[Array, Array, Array, Array, Array, Array]:
    conditions = [use.compiled.rule.condition for use in uses.inputs]
    least, counts = np.full(size, np.nan), np.zeros(size, dtype=bool)
    where, of = groups[chosen], uses.input[chosen]
    leasts = [
        np.nan if condition.fraction is None else max(condition.at_least, 1e-12) for condition in conditions
    ]
    least[where] = np.array(leasts)[of]
    counts[where] = np.array([use.compiled.counts for use in uses.inputs])[of]
    in_full, watched = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    in_full[where] = np.array([use.compiled.in_full for use in uses.inputs])[of]
    watched[where] = uses.watched[of]
    over = np.zeros(size, dtype=np.int64)
    over[where] = np.array([condition.window for condition in conditions])[of]
    shares = [share(use.function) if use.compiled.histogram else None for use in uses.inputs]
    quantile = np.full(size, np.nan)
    quantile[where] = np.array([np.nan if condition is None else condition for condition in shares])[of]
    return least, counts, in_full, watched, over, quantile
