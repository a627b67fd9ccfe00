"""What became of a stream of alerts over all channels: pure, over what was told, heard and killed.

Nothing is lost; a call beyond the first repeats one that was in flight when its sink or the broker was killed, and
bears the same id where its provider has one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

SLACK = 1.0  # s from an outcome to the commit that follows it
SINKS, BROKER = "sinks", "broker"


class Told(NamedTuple):
    """What a channel was to say of one alert. `token`: the word by which it is found in what providers hear."""

    channel: str
    token: str


class Call(NamedTuple):
    """One call that a provider heard. `at`: s UTC, 0 where it is not known; `id`: what it knows a repeat by, or ""."""

    told: Told
    at: float
    id: Any


class Killed(NamedTuple):
    """One kill. `at`: s UTC."""

    what: str
    at: float


def judged(
    stream: Iterable[Told], calls: Sequence[Call], outcomes: Mapping[Told, float], kills: Sequence[Killed]
) -> dict[str, Any]:
    """Counts by what went wrong; `faults` is their sum. `outcomes`: when the first outcome of each was told, s UTC."""
    heard: dict[Told, list[Call]] = defaultdict(list)
    for call in calls:
        heard[call.told].append(call)
    meant = set(stream)
    repeats = [pair for told in heard.values() for pair in pairwise(sorted(told, key=lambda call: call.at))]
    excuses = [_excuse(before, again, outcomes, kills) for before, again in repeats]
    found: dict[str, Any] = {
        "alerts": len(meant),
        "calls": len(calls),
        "kills": dict(Counter(kill.what for kill in kills)),
        "duplicates": len(repeats),
        "duplicates_by_channel": dict(Counter(before.told.channel for before, _ in repeats)),
        "most_at_one_kill": max(Counter(kill for kill in excuses if kill).values(), default=0),
    }
    faults = {
        "lost": len(meant - heard.keys()),
        "invented": len(heard.keys() - meant),
        "other_id": sum(before.id != again.id for before, again in repeats),
        "unexplained": excuses.count(None),
    }
    return found | faults | {"faults": sum(faults.values())}


def _excuse(
    before: Call, again: Call, outcomes: Mapping[Told, float], kills: Sequence[Killed]
) -> Killed | None:
    """The kill at which the call before was in flight: it had begun, and its outcome was not yet told and committed."""
    done = outcomes.get(before.told, float("inf")) + SLACK
    latest = again.at or float("inf")
    for kill in reversed(kills):
        if kill.what in (SINKS, BROKER) and before.at <= kill.at <= min(done, latest):
            return kill
    return None
