"""Slow refreshes: what goes on firing says so again every so often, and with the value that it has by then.

All that fires does so twice an hour, so that an alert that was lost is found again; a few instances of a block do so
sooner, first those that have another value than was told, so that whoever is told next reads one of these minutes. A
refresh repeats the turn of the verdict that was told: nothing has moved.
"""

from __future__ import annotations

from msgspec.structs import replace

from tables.detect.context import Context
from tables.detect.instances import comparison
from tables.detect.instances.instances import StateBlock
from tables.detect.verdicts import periodic, verdicts
from tables.kernel.row import AnyRow as Row

EVERY = 1_800_000  # active ms
VALUES_AT_ONCE = 16  # verdicts a block, at most, that bring nothing but a value


def due(context: Context, row: Row) -> None:
    """Say again what the world was told of the block and what still holds."""
    block: StateBlock = row.value
    block.refresh = periodic.after(row.key, context.clock.active, EVERY)
    block.values = block.values or periodic.after(row.key, context.clock.active, verdicts.VALUES)
    if context.may_emit:
        _repeat(context, row, _standing(context, row))


def values_due(context: Context, row: Row) -> None:
    """Say of what fires which value it has by now."""
    block: StateBlock = row.value
    after = periodic.after(row.key, context.clock.active, verdicts.VALUES)
    block.values = after if block.owners else 0
    if context.may_emit:
        slots = _standing(context, row)
        if len(slots) > VALUES_AT_ONCE:
            slots.sort(key=lambda slot: not _reads_otherwise(context, block, slot))
        _repeat(context, row, slots[:VALUES_AT_ONCE])


def _standing(context: Context, row: Row) -> list[int]:
    """The slots that the right team knows to fire as they do."""
    away = verdicts.moved(context, row)
    return sorted(slot for slot in row.value.owners if slot not in away and not row.value.untold(slot))


def _reads_otherwise(context: Context, block: StateBlock, slot: int) -> bool:
    rule, told, value = context.rules.get(block.keys[slot][0]), block.told_value[slot], block.value[slot]
    return rule is not None and bool(told != value) and not comparison.reads_alike(rule, told, value)


def _repeat(context: Context, row: Row, slots: list[int]) -> None:
    """Say of slots again what was told, with the value of now."""
    by_team: verdicts.ByTeam = {}
    row.value.own(("told_value",))
    for slot in slots:
        if (rule := context.rules.get(row.value.keys[slot][0])) is not None:
            verdict = verdicts.verdict(context, row, slot, rule)
            words = f"it still holds: {verdict.reason}"
            again = replace(verdict, sequence=verdict.sequence - 1, refresh=True, reason=words)
            team_and_why = verdicts.owner(context, row, verdict.labels, rule)
            by_team.setdefault(team_and_why, []).append(again)
            row.value.told_value[slot] = row.value.value[slot]
    verdicts.emit(context, row, by_team)
