"""A rule comes, changes or goes: composite rules that name it, or are it, are made ready anew and judged."""

from __future__ import annotations

from streams.documents.document import Owned
from streams.documents.rule import Rule
from tables.detect.composite.watch import CompositeWatch, composite_watch
from tables.detect.context import Context
from tables.detect.events import pipeline as events
from tables.detect.events.state import COMPOSITE, EventCause
from tables.detect.levels import GATEWAY
from tables.kernel.level import owner_of


def edit(context: Context, before: Owned | None, after: Owned | None) -> None:
    """Take an edit of a rule; alerts end of what is made of other rules now, or of a rule that is not in force."""
    known = after or before
    assert isinstance(known, Rule)
    naming = [
        composite.watch.rule for composite in context.composites.values() if composite.names(known.name)
    ]
    new = (
        [after] if isinstance(after, Rule) and after.enabled and after.condition.composite is not None else []
    )
    if not new and known.id in context.composites:
        _replace(context, known.id, None)
    for rule in sorted([*naming, *new], key=lambda rule: rule.id):
        _replace(context, rule.id, composite_watch(rule, context.rule_named))


def _replace(context: Context, id: str, new: CompositeWatch | None) -> None:
    old = context.composites.pop(id, None)
    if new is not None:
        context.composites[id] = new
    if old is not None and (new is None or new.members is None or new.watch.about != old.watch.about):
        events.remove(context, f"{COMPOSITE.name}/rule/{id}", {id: old.watch.rule}, EventCause.REMOVED)
    if old != new:
        context.plans.clear()  # whose windows somebody asks about
        context.stirred |= {owner_of(row.key) for row in context.scan(GATEWAY.name)}
