"""Matchers and the states of alerts in, out which alerts they cover: by the code by which they are enforced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from streams.documents import coverage
from streams.matcher import Matcher
from tables.respond.route.state import owners

BROAD = 5  # alerts of a day from which on half of them is much


class AlertState(NamedTuple):
    """An alert as it is, or was for a while, and what matchers see of it then."""

    id: str
    rule: str
    severity: str
    team: str
    gateway: str
    message: str
    labels: Mapping[str, str]


class Covering(NamedTuple):
    """What a silence or a window covers, and whose it is: a team's reaches its own alerts, the platform's all."""

    covers: str
    team: str


class CoveredStates(NamedTuple):
    """The alerts that are covered now, and within a day; of how many. `warnings`: in sentences, what looks wrong."""

    now: tuple[AlertState, ...]
    open: int
    day: tuple[AlertState, ...]
    of_day: int
    warnings: tuple[str, ...]

    @property
    def words(self) -> str:
        """How many, in a sentence."""
        now, day = f"{len(self.now)} of {self.open}", f"{len(self.day)} of {self.of_day}"
        return f"covers {now} open alerts now, {day} in the last 24 h"


class _Covers:
    """Whether matchers hold, asked once of each combination of the values that they ask for."""

    def __init__(self, matchers: Sequence[Matcher]) -> None:
        """`matchers`: all of them must hold."""
        self._matchers = matchers
        self._names = tuple(dict.fromkeys(matcher.label for matcher in matchers))
        self._known: dict[tuple[str, ...], bool] = {}

    def __call__(self, state: AlertState) -> bool:
        """Whether they hold for an alert."""
        values = tuple([state.labels.get(name, "") for name in self._names])
        if (known := self._known.get(values)) is None:
            known = all(matcher.matches(state.labels) for matcher in self._matchers)
            self._known[values] = known
        return known


def covered(covering: Covering, now: Iterable[AlertState], day: Iterable[AlertState]) -> CoveredStates:
    """Which alerts are covered. `now`: the open ones as they are; `day`: each other state that any had within a day."""
    fits = _Covers(coverage.compiled(covering.covers))
    present, earlier = _concerned(covering, now), _concerned(covering, day)
    reached = {state.id: state for state in present if fits(state)}
    within = {state.id: state for state in earlier if fits(state)} | reached
    count = len({state.id for state in (*present, *earlier)})
    warnings = tuple(_warnings(covering, len(within), count))
    of_day = tuple(state for _, state in sorted(within.items()))
    return CoveredStates(tuple(reached.values()), len(present), of_day, count, warnings)


def _concerned(covering: Covering, states: Iterable[AlertState]) -> list[AlertState]:
    """The alerts of teams for which the document counts."""
    known: dict[str, bool] = {}
    concerned: list[AlertState] = []
    for state in states:
        if state.team not in known:
            known[state.team] = covering.team in owners(state.team)
        if known[state.team]:
            concerned.append(state)
    return concerned


def _warnings(covering: Covering, count: int, of: int) -> Iterable[str]:
    if coverage.everything(covering.covers):
        yield "it covers every alert that there can be"
    elif count >= BROAD and 2 * count > of:
        yield f"it is broad: it covers {count} of the {of} alerts of the last 24 h"
    if of and not count:
        yield "it covers no alert of the last 24 h: is each label written as alerts have it?"
