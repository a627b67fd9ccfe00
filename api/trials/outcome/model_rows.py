"""What anomaly rules made of every row of a trial: value, band and score, gathered before a model forgets them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from api import instant
from api.trials.trial_input import LONGEST
from streams.documents.rule import Rule

if TYPE_CHECKING:
    from tables.detect.machine import Detect


class Rows:
    """The rows of all anomaly models of a trial."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """`step`: ms after which to look again; where there is no anomaly rule, there is nothing to look at."""
        spans = [rule.condition.row for rule in rules if rule.condition.anomaly]
        self.step, self.learning = 30 * min(spans, default=LONGEST), bool(spans)
        self._points: dict[tuple[int, str, str, str], Any] = {}

    def gather(self, machine: Detect) -> None:
        """Take what is new."""
        from tables.detect.anomaly import scoring  # late: the API starts sooner without the machines

        for gateway, subject, points in scoring.trails(machine) if self.learning else ():
            self._points |= {(point.at, gateway, subject.rule, subject.key): point for point in points}

    def all(self) -> list[dict[str, Any]]:
        """All of them, in the order of time."""
        return [
            {"at": instant.spell(at), "gateway": gateway, "rule": rule, "series": key}
            | {name: float(f"{getattr(point, name):.6g}") for name in ("value", "low", "high", "score")}
            for (at, gateway, rule, key), point in sorted(self._points.items())
        ]
