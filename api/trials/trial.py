"""Trying rules in memory: inputs in, a timeline out; the same machines as in production, and nothing is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from api import instant
from api.trials.outcome.model_rows import Rows
from api.trials.outcome.plot import Curve, Plot
from api.trials.trial_input import TrialInput
from streams.documents.document import Owned
from streams.documents.rule import Rule
from streams.messages.change import UNLISTED

if TYPE_CHECKING:
    from tables.world import World

TICKS = 6 * 3_600  # of one trial: up to six hours second by second, and longer ones less often
BEFORE = 1_000  # ms that the machines run before the first input
SLOWEST = 28_000  # ms between two ticks, so that the machines still call it attending

Report = Callable[[float], None]  # is told how far it is, from 0 to 1


class Tried(NamedTuple):
    """What happened, entry by entry, as JSON; the rows of anomaly rules; and what all rules read, as curves."""

    timeline: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    curves: list[Curve]


def nobody(_: float) -> None:
    """Who does not want to know how far it is."""


def tried(
    documents: Sequence[Owned],
    messages: Sequence[TrialInput],
    until: int,
    report: Report = nobody,
    ticks: int = TICKS,
) -> Tried:
    """What the machines make of it, times in RFC 3339; of so many ticks at most, as long as they are close enough."""
    from tables.detect.machine import Detect  # late: the API starts sooner without the machines
    from tables.world import World

    start = messages[0].at
    tick = min(SLOWEST, max(1_000, 1_000 * -(-(until - start) // (1_000 * ticks))))
    world = World(documents, start=start - BEFORE, tick=tick)
    world.advance(start - 1)  # it attends when the first message comes
    detect = world.machines["detect"]
    assert isinstance(detect, Detect)
    rules = [document for document in documents if isinstance(document, Rule)]
    rows, plot = Rows(rules), Plot(rules, start, until)
    world.run(messages, start)
    next_rows, told = start + rows.step, 0
    for at in sorted(
        {message.at for message in messages}.union(range(start, until, min(plot.step, rows.step)), [until])
    ):
        world.advance(at)
        plot.gather(detect, at, moved=len(world.timeline) > told)
        if at >= next_rows or at == until:
            rows.gather(detect)
            next_rows = at + rows.step
        told = len(world.timeline)
        report((at - start) / (until - start))
    return Tried(_timeline(world), rows.all(), plot.curves())


def _timeline(world: World) -> list[dict[str, Any]]:
    listed = [entry for entry in world.timeline if entry["what"] not in UNLISTED]
    return [entry | {"at": instant.spell(entry["at"])} for entry in listed]
