"""A critical path in, the spans within which it ends without anybody who can be told out.

Pure: of something critical each step is asked at every instant at which somebody else may come on call, or the hours
of a step begin or end. An endpoint that is named itself and writes to a log tells nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from streams.calendar.hours import next_edge, read_zoned_hours
from streams.documents.endpoint import Endpoint
from streams.documents.oncall.schedule import OnCallSchedule
from streams.documents.policy import Policy
from streams.messages.envelope import Severity
from tables.respond.oncall.audience import audience
from tables.respond.oncall.directory import Directory, target_key
from tables.respond.route.state import owners

CRITICAL: Severity = "critical"
AHEAD = 14 * 86_400_000  # ms that is looked ahead
MOST = 2_000  # instants of one path that are looked at


class PathStep(NamedTuple):
    """Targets, and the hours in which they count, with their zones; none for always."""

    to: tuple[str, ...]
    at: tuple[str, ...] = ()


class DeadEnd(NamedTuple):
    """From when until before when nobody would be told, ms UTC, and why not at its beginning."""

    begins: int
    ends: int
    why: str


def path_of(policy: Policy) -> tuple[PathStep, ...]:
    """What of a policy counts for something critical, its last resort at the end."""
    steps = [
        PathStep(tuple(step.notify), () if policy.override_critical else tuple(step.at))
        for step in policy.steps
        if not step.severity or CRITICAL in step.severity
    ]
    last = [PathStep((policy.last_resort,))] if policy.last_resort else []
    return (*steps, *last)


def dead_ends(
    directory: Directory, team: str, path: Sequence[PathStep], first: int, last: int
) -> list[DeadEnd]:
    """The spans between two instants, ms UTC, within which no step of a team's path reaches anybody."""
    resolved = [step._replace(to=_resolved(directory, team, step)) for step in path]
    edges = sorted({first, *(edge for step in resolved for edge in _edges(directory, step, first, last))})
    dead: list[DeadEnd] = []
    for begins, ends in zip(edges[:MOST], [*edges[1:MOST], last], strict=False):
        why = _why_nobody(directory, resolved, begins)
        if why is None:
            continue
        if dead and dead[-1].ends == begins:
            dead[-1] = dead[-1]._replace(ends=ends)
        else:
            dead.append(DeadEnd(begins, ends, why))
    return dead


def _resolved(directory: Directory, team: str, step: PathStep) -> tuple[str, ...]:
    keys = (target_key(directory, owners(team), target) for target in step.to)
    return tuple(key for key in keys if key is not None)


def _edges(directory: Directory, step: PathStep, first: int, last: int) -> Iterator[int]:
    """The instants at which a step may reach others than before."""
    for target in step.to:
        kind, owner, name = target.split("/", 2)
        schedule = directory.document(OnCallSchedule, owner, name) if kind == "schedule" else None
        if schedule is not None:
            segments = schedule.segments(first, last, directory.overrides(owner), most=MOST)
            yield from (segment.begins for segment in segments)
    for text in step.at:
        zoned, at = read_zoned_hours(text), first
        while (at := next_edge([zoned.hours], at, zoned.zone)) < last:
            yield at


def _why_nobody(directory: Directory, path: Sequence[PathStep], at: int) -> str | None:
    """Why nobody would be told at an instant; None where somebody would be."""
    reasons: list[str] = []
    for step in path:
        if step.at and not any(read_zoned_hours(text).includes(at) for text in step.at):
            continue
        people = audience(directory, step.to, CRITICAL, at)
        logs = [each.to for each in people.reached if not each.hops and _is_log(directory, each.to)]
        if len(logs) < len(people.reached):
            return None
        reasons += [unreached.reason for unreached in people.unreached]
        reasons += [f"endpoint {to.split('/')[2]} only writes to a log" for to in logs]
    return "; ".join(dict.fromkeys(reasons)) or "no step counts then"


def _is_log(directory: Directory, to: str) -> bool:
    """Whether a target that is itself an endpoint only writes to a log."""
    _, owner, name = to.split("/", 2)
    endpoint = directory.document(Endpoint, owner, name)
    return endpoint is None or endpoint.channel == "log"
