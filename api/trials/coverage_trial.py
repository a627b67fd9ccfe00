"""Matchers and the states of alerts in, out which alerts they cover: by the code by which they are enforced."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from streams.documents import coverage
from streams.messages.alert import AlertSnapshot
from tables.respond.route.state import owners

BROAD = 5  # alerts of a day from which on half of them is much


class Covering(NamedTuple):
    """What a silence or a window covers, and whose it is: a team's reaches its own alerts, the platform's all."""

    covers: str
    team: str

    def concerns(self, alert: AlertSnapshot) -> bool:
        """Whether an alert is of a team for which the document counts."""
        return self.team in owners(alert.team)

    def reaches(self, alert: AlertSnapshot) -> bool:
        """Whether an alert is covered, whenever the document holds."""
        return self.concerns(alert) and coverage.covers(self.covers, alert.matchable())


class CoveredStates(NamedTuple):
    """The alerts that are covered now, and within a day; of how many. `warnings`: in sentences, what looks wrong."""

    now: tuple[AlertSnapshot, ...]
    open: int
    day: tuple[AlertSnapshot, ...]
    of_day: int
    warnings: tuple[str, ...]

    @property
    def words(self) -> str:
        """How many, in a sentence."""
        now, day = f"{len(self.now)} of {self.open}", f"{len(self.day)} of {self.of_day}"
        return f"covers {now} open alerts now, {day} in the last 24 h"


def covered(covering: Covering, now: Iterable[AlertSnapshot], day: Iterable[AlertSnapshot]) -> CoveredStates:
    """Which alerts are covered. `now`: the open ones as they are; `day`: each state that any had within a day."""
    open_ = {alert.id: alert for alert in now if covering.concerns(alert)}
    states = [*open_.values(), *(alert for alert in day if covering.concerns(alert))]
    of_day = {alert.id for alert in states}
    reached = {alert.id: alert for alert in states if covering.reaches(alert)}
    present = tuple(alert for alert in open_.values() if covering.reaches(alert))
    within = tuple(alert for _, alert in sorted(reached.items()))
    warnings = tuple(_warnings(covering, len(within), len(of_day)))
    return CoveredStates(present, len(open_), within, len(of_day), warnings)


def _warnings(covering: Covering, count: int, of: int) -> Iterable[str]:
    if coverage.everything(covering.covers):
        yield "it covers every alert that there can be"
    elif count >= BROAD and 2 * count > of:
        yield f"it is broad: it covers {count} of the {of} alerts of the last 24 h"
    if of and not count:
        yield "it covers no alert of the last 24 h: is each label written as alerts have it?"
