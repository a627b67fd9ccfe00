"""Slow refreshes: what goes on firing says so again every so often, so that an alert that was lost is found again.

A refresh repeats the turn of the verdict that was told: whoever knows it has nothing to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from tables.detect import rounds, telling
from tables.detect.state import StateBlock
from tables.kernel.row import AnyRow as Row

if TYPE_CHECKING:
    from tables.detect.machine import Detect

EVERY = 1_800_000  # attended ms


def due(machine: Detect, row: Row) -> None:
    """Say again what the world was told of the block and what still holds."""
    block: StateBlock = row.value
    block.refresh = rounds.after(row.key, machine.clock.active, EVERY)
    if not machine.may_emit:
        return
    said: telling.Told = {}
    away = telling.moved(machine, row)
    for slot in sorted(slot for slot in block.owners if slot not in away and not block.untold(slot)):
        if (rule := machine.rules.get(block.keys[slot][0])) is not None:
            verdict = telling.verdict(machine, row, slot, rule)
            words = f"it still holds: {verdict.reason}"
            team_and_why = telling.owner(machine, row, verdict.labels, rule)
            again = replace(verdict, sequence=verdict.sequence - 1, refresh=True, reason=words)
            said.setdefault(team_and_why, []).append(again)
    telling.send(machine, row, said)
