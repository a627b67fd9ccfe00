"""How the instances of a rule stand on a gateway: those of series by their blocks, those of events by their rows."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan

from streams.documents.document import PLATFORM
from streams.documents.rule import Rule
from tables.detect.block_key import INSTANCE
from tables.detect.columns import NEVER
from tables.detect.composite.truth import Member, MemberInstance
from tables.detect.context import Context
from tables.detect.events import pipeline as events
from tables.detect.events.state import EVENT, NONE
from tables.detect.health import data_quality, inventory
from tables.detect.instances import instances
from tables.detect.series.slot_history import Standing
from tables.detect.verdicts.verdicts import labels_of


def member(context: Context, gateway: str, rule: Rule, team: str) -> Member:
    """The instances of a rule on a gateway that a rule of a team may read."""
    of_events = rule.condition.event is not None
    found = _of_events(context, gateway, rule) if of_events else _of_series(context, gateway, rule)
    owners = context.gateway(gateway).inventory
    readable = [one for one in found if team == PLATFORM or inventory.readable(owners, one.labels, team)]
    return Member(readable, of_events)


def is_ahead(context: Context, gateway: str, rule: Rule) -> bool:
    """Whether some row of a rule on a gateway is newer than the input: what follows from it was decided then."""
    if rule.condition.event is not None:
        return any(context.newer(row.key) for row in context.scan(events.rows_of(EVENT, gateway, rule.id)))
    index = context.index(gateway)
    blocks = {index.states[name] // instances.SIZE for name in index.instances.get(rule.id, ())}
    return any(context.newer(index.key(INSTANCE, block)) for block in blocks)


def _of_events(context: Context, gateway: str, rule: Rule) -> Iterator[MemberInstance]:
    for row in context.scan_sorted(events.rows_of(EVENT, gateway, rule.id)):
        for _, instance in sorted(row.value.instances.items()):
            yield MemberInstance(instance.labels, instance.severity > NONE)


def _of_series(context: Context, gateway: str, rule: Rule) -> Iterator[MemberInstance]:
    index, entry = context.index(gateway), context.gateway(gateway)
    compiled = context.compiled_rules.get(rule.id)
    for name in sorted(index.instances.get(rule.id, ())):
        number = index.states[name]
        known = number < entry.next.get(INSTANCE, 0)
        if not known or index.standing(INSTANCE, number, context.offset) is not Standing.HELD:
            continue
        block, slot = divmod(number, instances.SIZE)
        value = context.rows[index.key(INSTANCE, block)].value
        if slot >= len(value.at):  # a newer block lacks slots that were to come with an input that failed
            continue
        source = entry.sources.get(value.sources[slot])
        blind = bool(compiled and compiled.counts and source is not None and source.untrusted)
        unclear = rule.condition.compared_to > 0 and isnan(value.value[slot])
        if blind or unclear or value.at[slot] == NEVER or data_quality.unknown(entry, value.sources[slot]):
            yield MemberInstance(labels_of(name[1], gateway), None)
        else:
            yield MemberInstance(labels_of(name[1], gateway), value.shown(slot) >= 0)
