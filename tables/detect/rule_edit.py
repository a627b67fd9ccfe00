"""A rule comes, changes or goes: the gateways that it concerns get or lose its instances, and no other is looked at."""

from __future__ import annotations

from streams.documents.document import Owned
from streams.documents.rule import Rule
from tables.detect import rule_slots
from tables.detect.aggregate.compiled_rule import CompiledRule
from tables.detect.anomaly import scoring
from tables.detect.context import Context
from tables.detect.levels import GATEWAY
from tables.detect.series import births


def edit(context: Context, before: Owned | None, after: Owned | None) -> None:
    """Take an edit: what it concerns is found anew, gateway by gateway, each with a savepoint of its own."""
    old, new = map(_compiled, (before, after))
    compiled = new or old
    if compiled is None:
        return  # a rule that is off, or about events, was edited
    births.look(context, compiled, old, new)
    for name in _reread(context, compiled.id, old, new):
        entry = context.rows.get(GATEWAY.key(name))
        if entry is None or entry.dead:
            continue
        if why := context.savepoint(rule_slots.adapt, context, name, old, new):
            context.dead_letter(name, why, "config")
        scoring.prune(context, name)


def _compiled(rule: Owned | None) -> CompiledRule | None:
    if not isinstance(rule, Rule) or not rule.enabled or not rule.condition.reads_series:
        return None
    return CompiledRule(rule)


def _reread(context: Context, rule: str, old: CompiledRule | None, new: CompiledRule | None) -> list[str]:
    """What reads the rule's metrics is found anew; the gateways where that is so."""
    edited = [compiled for compiled in (old, new) if compiled is not None]
    metrics = {selector.name for compiled in edited for _, _, selector in compiled.inputs}
    context.compiled_rules.pop(rule, None)
    context.inputs.remove(rule)
    if new is not None:
        context.compiled_rules[rule] = new
        context.inputs.add(new)
    gateways = context.scope.edit(rule, metrics)
    for name in gateways:
        context.plans.pop(name, None)
        if (index := context.indexes.get(name)) is not None:
            index.reread(rule, edited, context.inputs, context.offset)
    return gateways
