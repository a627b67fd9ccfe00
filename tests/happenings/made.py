"""Happenings in, outcomes out: each is made in its turn, and its alert waited for beside those that follow."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from streams.documents.registry import read
from streams.documents.rule import Rule
from streams.errors import Misconfigured
from tests.happenings.happening import Happening, Outcome
from tests.happenings.stage import NAME, Stage
from tests.happenings.watching import Sighting, Watching
from tests.sources.shipped import RULES

SETTLED = 10.0  # seconds until the bridge has polled a few times, and the plugin has spoken
SLACK = 30.0  # seconds beyond what a rule holds back, after which nothing will come


def make(stage: Stage, happenings: Sequence[Happening]) -> list[Outcome]:
    """What became of each."""
    rules = {rule.name: rule for body in RULES if isinstance(rule := read("rule", dict(body)), Rule)}
    outcomes: list[Outcome] = []
    time.sleep(SETTLED)
    with Watching(stage.ours, NAME) as watching:
        for several in _by_what_they_leave(happenings):
            begun = [(happening, *_made(stage, happening)) for happening in several]
            outcomes += [
                _outcome(watching, happening, first, shown, _held(rules[happening.rule], happening))
                for happening, first, shown in begun
            ]
    return outcomes


def _by_what_they_leave(happenings: Sequence[Happening]) -> Iterator[list[Happening]]:
    """Those after which the gateway lives, then the rest: of a gateway that is gone nothing else is told."""
    yield [happening for happening in happenings if not happening.last]
    yield [happening for happening in happenings if happening.last]


def _made(stage: Stage, happening: Happening) -> tuple[float, float]:
    """When it was begun, and when the gateway showed it; 0 where it cannot be made here."""
    assert happening.cause is not None
    stage.say(f"{happening.number}: {happening.title}")
    first = time.time()
    try:
        return first, happening.cause(stage)
    except (AssertionError, TimeoutError, Misconfigured) as why:
        stage.say(f"  it cannot be made here: {str(why)[:300]}")
        return first, 0.0


def _held(rule: Rule, happening: Happening) -> float:
    return (rule.keep if happening.ends else rule.for_) / 1_000


def _outcome(watching: Watching, happening: Happening, first: float, shown: float, held: float) -> Outcome:
    while shown:
        if (found := _fits(watching.alerts(happening.rule), happening, first)) is not None:
            sighting, at = found
            return Outcome(happening, at - shown, held, sighting.alert["message"])
        if time.time() > shown + held + SLACK:
            break
        time.sleep(0.5)
    return Outcome(happening, None, held, "not told" if shown else "not made")


def _fits(sightings: Sequence[Sighting], happening: Happening, first: float) -> tuple[Sighting, float] | None:
    """The first that began, or ended, after it was made; one that went on already is its alert as well."""
    for sighting in sightings:
        at = sighting.over if happening.ends else sighting.seen
        if at is not None and (at >= first or (not happening.ends and sighting.over is None)):
            return sighting, max(at, first)
    return None
