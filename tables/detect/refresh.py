"""Slow refreshes: what goes on firing says so again every so often, so that an alert that was lost is found again.

A refresh repeats the turn of the verdict that was told: whoever knows it has nothing to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tables.detect import rounds, verdicts
from tables.detect.instances import StateBlock
from tables.row import Row

if TYPE_CHECKING:
    from tables.detect.machine import Detect

EVERY = 1_800_000  # attended ms


def due(machine: Detect, row: Row) -> None:
    """Say again what the world was told of the block and what still holds."""
    block: StateBlock = row.value
    block.refresh = rounds.after(row.key, machine.clock.attended, EVERY)
    if not machine.speaking:
        return
    said: verdicts.Told = {}
    away = verdicts.moved(machine, row)
    for slot in sorted(slot for slot in block.owners if slot not in away and not block.untold(slot)):
        if (rule := machine.rules.get(block.keys[slot][0])) is not None:
            verdict = verdicts.verdict(machine, row, slot, rule)
            words = {"turn": verdict.turn - 1, "refresh": True, "reason": f"it still holds: {verdict.reason}"}
            team_and_why = verdicts.owner(machine, row, verdict.labels, rule)
            said.setdefault(team_and_why, []).append(verdict.model_copy(update=words))
    verdicts.send(machine, row, said)
