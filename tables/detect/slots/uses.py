"""Which series each rule reads, and into which slots: kept as numbers, one use for each series and rule."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from math import isnan, nan
from typing import NamedTuple

import numpy as np

from tables.detect.aggregate.compiled_rule import CompiledRule
from tables.detect.columns import Array


class Use(NamedTuple):
    """One series read by one input of one rule. Numbers of slots; `window` is −1 where the last value is enough."""

    compiled: CompiledRule
    role: int
    function: str
    series: int
    window: int
    state: int
    bound: float  # the upper end of its bucket, where it is one of a histogram


_STEP = 4  # numbers of a use: role, series, window, state
_DROPPED = -1  # the state of one that is no more


class RuleUses:
    """The uses of one rule. Of two for one input and series the later counts; the other goes when they are read."""

    __slots__ = ("_bounds", "_compiled", "_functions", "_highest", "_numbers", "_whole")

    def __init__(self, compiled: CompiledRule) -> None:
        """The rule reads nothing yet."""
        self._compiled, self._functions = compiled, dict[int, str]()
        self._numbers = array("i")
        self._bounds = array("d") if compiled.histogram else None
        self._highest, self._whole = (-1, -1), True  # whether each use stands there once, and holds

    def note(self, use: Use) -> None:
        """One use, known or new."""
        place = use.role, use.series
        self._whole &= place > self._highest
        self._highest = max(self._highest, place)
        self._compiled, self._functions[use.role] = use.compiled, use.function
        self._put((*place, use.window, use.state), use.bound)

    def drop(self, role: int, series: int) -> None:
        """The input does not read the series any more."""
        self._whole = False
        self._put((role, series, -1, _DROPPED), nan)

    def _put(self, numbers: tuple[int, int, int, int], bound: float) -> None:
        self._numbers.extend(numbers)
        if self._bounds is not None:
            self._bounds.append(bound)

    def all(self) -> list[Use]:
        """All that hold."""
        self._settle()
        return list(map(self._at, range(len(self._numbers) // _STEP)))

    def find(self, role: int, series: int) -> Use | None:
        """What an input reads of a series; None where it does not."""
        table = self._table()
        places = np.flatnonzero((table[:, 1] == series) & (table[:, 0] == role))
        return self._at(int(places[0])) if len(places) else None

    def feeding(self, first: int, end: int) -> list[tuple[int, int]]:
        """(state, series) of those whose states lie in a range."""
        table = self._table()
        states = table[:, 3]
        chosen = table[(states >= first) & (states < end)]
        return list(zip(chosen[:, 3].tolist(), chosen[:, 1].tolist(), strict=True))

    def _table(self) -> Array:
        """One line a use, for as long as none is noted."""
        self._settle()
        return np.frombuffer(self._numbers, dtype=np.intc).reshape(-1, _STEP)

    def _settle(self) -> None:
        """Forget what does not hold any more."""
        if self._whole:
            return
        last: dict[tuple[int, int], int] = {}
        numbers, before = self._numbers, self._bounds
        for place in range(len(numbers) // _STEP):
            last[numbers[place * _STEP], numbers[place * _STEP + 1]] = place
        places = [place for place in last.values() if numbers[place * _STEP + 3] != _DROPPED]
        kept = (numbers[place * _STEP : (place + 1) * _STEP] for place in places)
        self._numbers = array("i", (number for use in kept for number in use))
        self._bounds = None if before is None else array("d", (before[place] for place in places))
        self._whole = True

    def _at(self, place: int) -> Use:
        role, series, window, state = self._numbers[place * _STEP : (place + 1) * _STEP]
        bound = nan if self._bounds is None else self._bounds[place]
        upper = (
            nan if isnan(bound) else bound
        )  # there is one object for what is no number, so that uses compare
        return Use(self._compiled, role, self._functions[role], series, window, state, upper)


class Uses:
    """The uses of all rules."""

    def __init__(self) -> None:
        """Nothing is read."""
        self._rules: dict[str, RuleUses] = {}

    def __iter__(self) -> Iterator[Use]:
        """All of them."""
        return (use for rule in self._rules.values() for use in rule.all())

    def forget(self, rule: str) -> None:
        """The rule reads nothing any more."""
        self._rules.pop(rule, None)

    def note(self, use: Use) -> None:
        """One use, known or new."""
        if (rule := self._rules.get(use.compiled.id)) is None:
            rule = self._rules[use.compiled.id] = RuleUses(use.compiled)
        rule.note(use)

    def drop(self, rule: str, role: int, series: int) -> None:
        """An input of a rule does not read a series any more."""
        if rule in self._rules:
            self._rules[rule].drop(role, series)

    def of(self, rule: str) -> list[Use]:
        """The uses of a rule."""
        return self._rules[rule].all() if rule in self._rules else []

    def find(self, rule: str, role: int, series: int) -> Use | None:
        """What an input of a rule reads of a series; None where it does not."""
        return self._rules[rule].find(role, series) if rule in self._rules else None

    def feeding(self, first: int, end: int) -> Iterator[tuple[int, int]]:
        """(state, series) of all whose states lie in a range."""
        return (pair for rule in self._rules.values() for pair in rule.feeding(first, end))
