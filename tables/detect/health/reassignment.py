"""Whose a gateway and its upstreams are, by its inventory: rules of a team read what is theirs, or nobody's."""

from __future__ import annotations

from msgspec.structs import replace

from streams.documents.document import PLATFORM
from tables.detect import rule_slots
from tables.detect.aggregate.input_index import may_read
from tables.detect.context import Context
from tables.detect.events import pipeline as events
from tables.detect.health.inventory import Inventory, reassigned
from tables.kernel.level import owner_of
from tables.kernel.row import AnyRow as Row


def take(context: Context, entry: Row, owners: Inventory) -> None:
    """Note what an inventory says; where something is another's now, rules of teams get and lose what they may read."""
    changed = reassigned(entry.value.inventory, owners)
    entry.value = replace(entry.value, inventory=owners)
    if changed:
        _adapt(context, entry)
        events.disown(context, entry, context.event_watches, context.rules)


def _adapt(context: Context, entry: Row) -> None:
    """The platform's rules read everything, and rules of other metrics nothing of this gateway: they cost nothing."""
    name = owner_of(entry.key)
    index = context.index(name)
    index.layouts.clear()  # also of what no rule might read before: it is no series yet, and may be one now
    for rule, compiled in sorted(context.compiled_rules.items()):
        if compiled.rule.team == PLATFORM or not may_read(compiled, index.texts):
            continue
        index.reread(rule, [compiled], context.inputs, context.offset)
        rule_slots.reassign(context, entry, index, compiled)
        context.plans.pop(name, None)
