"""One gateway's uses as columns, and which of them are alike: those go through numpy together, whatever their rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

import numpy as np

from tables.detect.aggregate.compiled_rule import CompiledRule
from tables.detect.aggregate.distribution import STDDEV
from tables.detect.aggregate.view import BUCKETS, FILL, MOVES, SIGNED, View
from tables.detect.columns import Array, pooled
from tables.detect.series import series_block
from tables.detect.slots.uses import Use

FILLED = MOVES | FILL.keys() | {STDDEV}  # functions that fill windows in a way of their own


class Kind(NamedTuple):
    """What is asked of a series, apart from how far back.

    `counts`: of the steps of a counter; `lapses`: what grew in a time when nobody looked is spread over it;
    `steps`, `whole`: a model learns from steps, or from a group, of which none must be missing; `edge`: all that
    lies within `over` is asked for, and not one frame; `in_full`: what was not seen could make it right; `watched`:
    somebody asks whether windows have been watched in full.
    """

    function: str
    counts: bool
    lapses: bool
    steps: bool
    whole: bool
    edge: bool
    in_full: bool
    watched: bool

    @classmethod
    def of(cls, compiled: CompiledRule, function: str, named: Collection[str]) -> Kind:
        """What an input of a rule asks; `named`: ids of rules that others are made of."""
        grows = compiled.counts or function == "delta"
        lapses = grows and compiled.rule.condition.anomaly is None
        edge = compiled.rule.condition.anomaly is None or compiled.rule.condition.fraction is not None
        return cls(
            function,
            compiled.counts,
            lapses,
            compiled.learns_steps,
            compiled.learns_groups,
            edge,
            compiled.in_full,
            compiled.in_full or (compiled.looks_back and (compiled.records or compiled.id in named)),
        )

    @property
    def filling(self) -> Kind:
        """The same as far as it matters to what windows are filled with, and how."""
        added = "sum" if self.function in SIGNED else "count"
        function = self.function if self.function in FILLED else added
        return Kind(function, self.counts, self.lapses, self.steps, False, True, False, False)


class RuleInputs:
    """Numbers of slots by use, `window` being −1 where there is none; `input`: which of `inputs` a use is of."""

    def __init__(self, uses: Iterable[Use], named: Collection[str]) -> None:
        """In the order of rule, role and series: sums of floats depend on their order. `named`: as in `Kind.of`."""
        uses = sorted(uses, key=lambda use: (use.compiled.id, use.role, use.series))
        inputs = {(use.compiled.id, use.role): use for use in uses}
        number = {place: n for n, place in enumerate(inputs)}
        self.inputs = list(inputs.values())
        self.input = _numbers(number[use.compiled.id, use.role] for use in uses)
        self.series = _numbers(use.series for use in uses)
        self.window = _numbers(use.window for use in uses)
        self.state = _numbers(use.state for use in uses)
        self.bound = np.fromiter((use.bound for use in uses), dtype=float)
        kinds = {Kind.of(use.compiled, use.function, named): 0 for use in self.inputs}
        self._kinds = sorted(kinds)
        self.kind = _numbers(
            self._kinds.index(Kind.of(use.compiled, use.function, named)) for use in self.inputs
        )[self.input]
        fillings = sorted({kind.filling for kind in self._kinds})
        self._fillings = fillings
        self.filling = _numbers(fillings.index(kind.filling) for kind in self._kinds)[self.kind]
        self.watched = np.array(
            [Kind.of(use.compiled, use.function, named).watched for use in self.inputs], dtype=bool
        )  # by input
        self.grouped = np.array([use.compiled.grouped for use in self.inputs], dtype=bool)[self.input]
        watches = [use.compiled for use in self.inputs]
        self._width = _numbers(compiled.width for compiled in watches)
        self._buckets = _numbers(compiled.buckets for compiled in watches)
        self._over = _numbers(compiled.rule.condition.window for compiled in watches)
        self.over = self._over[self.input]

    def alike(self, chosen: Array, *columns: Array) -> list[Array]:
        """The chosen uses, cut where one of the columns differs; in the order of the columns, then of series."""
        if not len(chosen):
            return []
        keys = [column[chosen] for column in columns]
        order = np.lexsort([self.series[chosen], *reversed(keys)])
        cuts = np.any([np.diff(key[order]) != 0 for key in keys], axis=0)
        return np.split(chosen[order], np.flatnonzero(cuts) + 1)

    def kind_of(self, some: Array) -> Kind:
        """What uses that are alike ask."""
        return self._kinds[int(self.kind[some[0]])]

    def filling_of(self, some: Array) -> Kind:
        """What uses that are alike fill windows with."""
        return self._fillings[int(self.filling[some[0]])]

    def view(self, some: Array) -> View:
        """Their windows; where they have none, the last values of one block of series."""
        block, places, of = 0, self.window[some], self.input[some]
        if places[0] < 0:
            block, places = (
                int(self.series[some[0]]) // series_block.SIZE,
                self.series[some] % series_block.SIZE,
            )
        kind = self.kind_of(some)
        width = int(self._width[of[0]])
        even = width if kind.edge and (self._over[of] == BUCKETS * width).all() else 0
        slots, widths, buckets, overs = map(
            pooled, (places, self._width[of], self._buckets[of], self._over[of])
        )
        return View(kind.function, block, slots, widths, buckets, overs, kind.edge, even)


def _numbers(values: Iterable[int]) -> Array:
    return np.fromiter(values, dtype=np.int64)
