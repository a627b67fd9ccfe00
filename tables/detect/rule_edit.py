"""A rule comes, changes or goes: the gateways that it concerns get or lose its instances, and no other is looked at."""

from __future__ import annotations

from streams.documents.document import Owned
from streams.documents.rule import Rule
from tables.detect import births, slots, unusual
from tables.detect.context import Context
from tables.detect.levels import GATEWAY
from tables.detect.watch import Watch, by_metric


def edit(machine: Context, before: Owned | None, after: Owned | None) -> None:
    """Take an edit: what it concerns is found anew, gateway by gateway, each with a savepoint of its own."""
    old, new = map(_watch, (before, after))
    watch = new or old
    if watch is None:
        return  # a rule that is off, or about events, was edited
    births.look(machine, watch, old, new)
    for name in _rewatch(machine, watch.id, old, new):
        entry = machine.rows.get(GATEWAY.key(name))
        if entry is None or entry.dead:
            continue
        if why := machine.savepoint(slots.adapt, machine, name, old, new):
            machine.dead_letter(name, why, "config")
        unusual.prune(machine, name)


def _watch(rule: Owned | None) -> Watch | None:
    if not isinstance(rule, Rule) or not rule.enabled or rule.condition.event is not None:
        return None
    return Watch(rule)


def _rewatch(machine: Context, rule: str, old: Watch | None, new: Watch | None) -> list[str]:
    """What reads the rule's metrics is found anew; the gateways where that is so."""
    metrics = {selector.name for watch in (old, new) if watch for _, _, selector in watch.inputs}
    machine.watches.pop(rule, None)
    if new is not None:
        machine.watches[rule] = new
    _reindex(machine, rule, metrics, new)
    gateways = machine.scope.edit(rule, metrics)
    for name in gateways:
        machine.plans.pop(name, None)
        if (index := machine.indexes.get(name)) is not None:
            index.reread(rule, frozenset(metrics), machine.inputs, machine.offset)
    return gateways


def _reindex(machine: Context, rule: str, metrics: set[str], new: Watch | None) -> None:
    """The rule's inputs by metric, beside those of others, in the order of the rules' ids."""
    for name in sorted(metrics):
        others = [one for one in machine.inputs.get(name, []) if one[0].id != rule]
        own = by_metric([new]).get(name, []) if new is not None else []
        machine.inputs[name] = sorted([*others, *own], key=lambda one: one[0].id)
        if not machine.inputs[name]:
            del machine.inputs[name]
