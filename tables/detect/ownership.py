"""Whose a gateway and its upstreams are, by its inventory: rules of a team read what is theirs, or nobody's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.documents.document import PLATFORM
from tables.detect import inventory, slots
from tables.detect.events import pipeline as events
from tables.kernel.row import AnyRow as Row

if TYPE_CHECKING:
    from tables.detect.machine import Detect


def take(machine: Detect, entry: Row, owners: inventory.Entry) -> None:
    """Note what an inventory says; where something is another's now, rules of teams get and lose what they may read."""
    changed = inventory.reassigned(entry.value, owners)
    entry.value |= owners
    if changed:
        _adapt(machine, entry)
        events.disown(machine, entry, machine.event_watches, machine.rules)


def _adapt(machine: Detect, entry: Row) -> None:
    """The platform's rules read everything, and rules of other metrics nothing of this gateway: they cost nothing."""
    name = entry.key[2:]
    index = machine.index(name)
    for rule, watch in sorted(machine.watches.items()):
        metrics = frozenset(selector.name for _, _, selector in watch.inputs)
        if watch.rule.team == PLATFORM or not any(index.texts.get(metric) for metric in metrics):
            continue
        machine.scope.edit(rule, metrics)
        index.reread(rule, metrics, machine.inputs, machine.offset)
        slots.reassign(machine, entry, index, watch)
        machine.plans.pop(name, None)
