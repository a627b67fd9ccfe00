"""The curve of what rules read in a trial: the value of each instance over time, and how its alert stood."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from api import instant
from streams.documents.conditions.threshold import SEVERITIES
from streams.documents.rule import Rule

if TYPE_CHECKING:
    from tables.detect.machine import Detect

WIDE = 240  # points of a curve, at most
LOOKS = 1_500  # in one trial, where nothing comes
READ = 300_000  # values that are looked at in one trial, about
SHOWN = 20  # curves: those of the worst alerts first


class PlotPoint(NamedTuple):
    """`at`: ms; `severity`: of the alert, "" while there is none."""

    at: int
    value: float
    severity: str


class Curve(NamedTuple):
    """What a rule read of one instance, the oldest first."""

    rule: str
    gateway: str
    series: str
    points: list[PlotPoint]

    @property
    def worst(self) -> int:
        """The rank of the worst severity that it had; −1: none."""
        return max((_rank(point.severity) for point in self.points), default=-1)


class Plot:
    """The curves of some rules. Of each part of the time the point that is nearest to an alert is kept."""

    def __init__(self, rules: Iterable[Rule], begin: int, until: int) -> None:
        """`begin`, `until`: of the trial, ms; `step`: ms within which to look again."""
        self.rules, self._begin = list(rules), begin
        self._width = max(1_000, math.ceil((until - begin) / WIDE))
        self.step = max(1_000, (until - begin) // LOOKS)
        self._span, self._next = until - begin, begin
        self._found: dict[tuple[str, str, str], dict[int, PlotPoint]] = {}

    def gather(self, machine: Detect, at: int, moved: bool) -> None:
        """Take what the rules read at an instant, ms; where that is much, less often, unless an alert has `moved`."""
        if at < self._next and not moved:
            return
        from tables.detect.verdicts.readings import (
            readings,  # late: the API starts sooner without the machines
        )

        number = 0
        for rule in self.rules:
            sign = rule.levels()[2] if rule.condition.comparison else 1
            for reading in readings(machine, rule.id):
                number += 1
                points = self._found.setdefault((rule.name, reading.gateway, reading.instance), {})
                point = PlotPoint(reading.at, reading.value, reading.severity)
                part = (reading.at - self._begin) // self._width
                points[part] = max(
                    points.get(part, point), point, key=lambda candidate: _nearness(candidate, sign)
                )
        self._next = at + number * self._span // READ

    def curves(self) -> list[Curve]:
        """All of them, the worst first."""
        curves = [Curve(*key, [at[n] for n in sorted(at)]) for key, at in sorted(self._found.items())]
        return sorted(curves, key=lambda curve: -curve.worst)


def as_json(curves: list[Curve]) -> list[dict[str, Any]]:
    """The curves that are shown, as an answer has them."""
    return [
        {"rule": curve.rule, "gateway": curve.gateway, "series": curve.series}
        | {"points": [point._asdict() | {"at": instant.spell(point.at)} for point in curve.points]}
        for curve in curves[:SHOWN]
    ]


def _nearness(point: PlotPoint, sign: int) -> tuple[int, float, int]:
    """How near to an alert a point is, the latest of equals last; of a band, only the time counts."""
    return _rank(point.severity), point.value * sign, point.at


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else -1
