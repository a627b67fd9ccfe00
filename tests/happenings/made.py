"""Happenings in, outcomes out: each is made in its turn, and its alert waited for beside those that follow."""

from __future__ import annotations

import time
from collections.abc import Sequence

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
    begun: list[tuple[Happening, float, float]] = []
    time.sleep(SETTLED)
    with Watching(stage.ours, NAME) as watching:
        for happening in happenings:
            assert happening.cause is not None
            stage.say(f"{happening.number}: {happening.title}")
            first = time.time()
            try:
                shown = happening.cause(stage)
            except (AssertionError, TimeoutError, Misconfigured) as why:
                stage.say(f"  it cannot be made here: {str(why)[:300]}")
                shown = 0.0
            begun.append((happening, first, shown))
        return [
            _outcome(watching, happening, first, shown, _held(rules[happening.rule], happening))
            for happening, first, shown in begun
        ]


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
