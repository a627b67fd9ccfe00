"""Outcomes as a table to read."""

from __future__ import annotations

from collections.abc import Sequence

from tests.happenings.catalogue import HAPPENINGS
from tests.happenings.happening import Kind, Outcome
from tests.happenings.stage import INTERVAL

MOST = {
    Kind.EDGE: 2.0,
    Kind.LEVEL: INTERVAL + 1.0,
}  # seconds; a level may wait for a poll, and for the tick after it


def is_in_time(outcome: Outcome) -> bool:
    """Whether it was told as soon as it must be."""
    return outcome.late is not None and outcome.late <= MOST[outcome.happening.kind]


def in_time(outcomes: Sequence[Outcome]) -> int:
    """How many were."""
    return sum(map(is_in_time, outcomes))


def table(release: str, outcomes: Sequence[Outcome]) -> str:
    """A line for each happening that was made, and one for each that nobody can tell of."""
    by_number = {outcome.happening.number: outcome for outcome in outcomes}
    lines = [
        f"ContextForge {release}",
        f"{'':>2}  {'happening':36} {'rule':24} {'kind':6} {'after':>7} {'late':>6}",
    ]
    for happening in HAPPENINGS:
        outcome = by_number.get(happening.number)
        start = f"{happening.number:>2}  {happening.title:36} "
        if happening.blind:
            lines.append(f"{start}blind: {happening.blind}")
        elif outcome is not None:
            lines.append(start + _told(outcome))
    told = sum(outcome.after is not None for outcome in outcomes)
    return "\n".join([*lines, f"{told} of {len(HAPPENINGS)} end in an alert, {in_time(outcomes)} in time"])


def _told(outcome: Outcome) -> str:
    happening, late = outcome.happening, outcome.late
    about = f"{happening.rule:24} {happening.kind:6} "
    if late is None:
        return f"{about}{outcome.message}"
    mark = "" if is_in_time(outcome) else " LATE"
    return f"{about}{outcome.after:6.1f}s {late:5.1f}s{mark} {outcome.message[:90]}"
