"""Which inputs of rules read a series: looked up by its metric and its labels, however many rules there are.

An input that asks for the value of a label is kept under that value: it is looked at for the series that have it alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from streams.matcher import Selector
from streams.telemetry.series import spell
from tables.detect.aggregate.compiled_rule import CompiledRule

Label = tuple[str, str]  # name and value
_ANY: Label = ("", "")  # of inputs that ask for no value


class ReadingInput(NamedTuple):
    """One input of a rule. `place`: its number among those of the rule."""

    compiled: CompiledRule
    role: int
    function: str
    selector: Selector
    place: int


class InputIndex:
    """The inputs of all enabled rules."""

    def __init__(self, rules: Iterable[CompiledRule] = ()) -> None:
        """Those of these rules."""
        self._metrics: dict[str, dict[Label, dict[str, list[ReadingInput]]]] = {}
        self._places: dict[str, list[tuple[str, Label]]] = {}  # by rule
        for compiled in rules:
            self.add(compiled)

    def __contains__(self, metric: str) -> bool:
        """Whether some rule reads the metric."""
        return metric in self._metrics

    def __iter__(self) -> Iterator[ReadingInput]:
        """All of them, in the order of the rules' ids."""
        rules = [
            some
            for values in self._metrics.values()
            for by_rule in values.values()
            for some in by_rule.values()
        ]
        return iter(sorted((reading for some in rules for reading in some), key=_order))

    def add(self, compiled: CompiledRule) -> None:
        """The rule reads from now on."""
        for place, (role, function, selector) in enumerate(compiled.inputs):
            values = self._metrics.setdefault(selector.name, {})
            label = min(_asked(selector), key=lambda asked: len(values.get(asked, ())), default=_ANY)
            some = values.setdefault(label, {}).setdefault(compiled.id, [])
            some.append(ReadingInput(compiled, role, function, selector, place))
            self._places.setdefault(compiled.id, []).append((selector.name, label))

    def remove(self, rule: str) -> None:
        """The rule of this id reads nothing any more."""
        for metric, label in self._places.pop(rule, ()):
            values = self._metrics.get(metric, {})
            if (some := values.get(label)) is not None:
                some.pop(rule, None)
                if not some:
                    del values[label]
            if not values:
                self._metrics.pop(metric, None)

    def reading(self, metric: str, labels: Mapping[str, str]) -> list[ReadingInput]:
        """The inputs whose selectors a series fits, in the order of the rules' ids: slots are given so."""
        values = self._metrics.get(metric)
        if values is None:
            return []
        asked = [values[label] for label in (_ANY, *labels.items()) if label in values]
        fitting = [
            reading
            for rules in asked
            for some in rules.values()
            for reading in some
            if reading.selector.matches(labels)
        ]
        return sorted(fitting, key=_order)


def _order(reading: ReadingInput) -> tuple[str, int]:
    return reading.compiled.id, reading.place


def may_read(compiled: CompiledRule, texts: Mapping[str, Iterable[str]]) -> set[str]:
    """Of canonical texts of series, by metric, those that a rule may read: quickly found, and none too few."""
    names: set[str] = set()
    for _, _, selector in compiled.inputs:
        piece = max((_spelled(label) for label in _asked(selector)), key=len, default="")
        names.update(text for text in texts.get(selector.name, ()) if piece in text)
    return names


def _asked(selector: Selector) -> list[Label]:
    """The labels whose values a selector asks for; a missing label equals an empty one, which asks for nothing."""
    return [
        (matcher.label, matcher.value)
        for matcher in selector.matchers
        if matcher.sign == "=" and matcher.value
    ]


def _spelled(label: Label) -> str:
    """As it stands in the text of a series; the gateway is a label of all, and stands in none."""
    return "" if label[0] == "gateway" else spell("", dict([label]))[1:-1]
