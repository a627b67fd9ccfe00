"""How the instances of a rule stand on a gateway: those of series by their blocks, those of events by their rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import groupby

import numpy as np

from streams.documents.rule import Rule
from tables.detect.block_key import INSTANCE
from tables.detect.columns import NEVER
from tables.detect.composite.truth import Member, MemberInstance
from tables.detect.context import Context
from tables.detect.events import pipeline as events
from tables.detect.events.state import EVENT, NONE
from tables.detect.health import data_quality, inventory
from tables.detect.instances import instances
from tables.detect.instances.instances import StateBlock
from tables.detect.series.slot_history import Standing
from tables.detect.series.slot_index import SlotIndex
from tables.detect.verdicts.verdicts import labels_of


def member(context: Context, gateway: str, rule: Rule, team: str) -> Member:
    """The instances of a rule on a gateway that a rule of a team may read."""
    of_events = rule.condition.event is not None
    standings = _of_events(context, gateway, rule) if of_events else _of_series(context, gateway, rule)
    owners = context.gateway(gateway).inventory
    readable = [standing for standing in standings if inventory.readable(owners, standing.labels, team)]
    return Member(readable, of_events)


def is_ahead(context: Context, gateway: str, rule: Rule) -> bool:
    """Whether some row of a rule on a gateway is newer than the input: what follows from it was decided then."""
    if rule.condition.event is not None:
        return any(context.newer(row.key) for row in context.scan(events.rows_of(EVENT, gateway, rule.id)))
    index = context.index(gateway)
    blocks = {number // instances.SIZE for number in index.states.of(rule.id).values()}
    return any(context.newer(index.key(INSTANCE, block)) for block in blocks)


def _of_events(context: Context, gateway: str, rule: Rule) -> Iterator[MemberInstance]:
    for row in context.scan_sorted(events.rows_of(EVENT, gateway, rule.id)):
        for _, instance in sorted(row.value.instances.items()):
            yield MemberInstance(instance.labels, instance.severity > NONE)


def _of_series(context: Context, gateway: str, rule: Rule) -> Iterator[MemberInstance]:
    index = context.index(gateway)
    keys = {number: key for key, number in index.states.of(rule.id).items()}
    doubted = partial(_doubted, context, gateway, rule, {})
    in_full = rule.id in context.compiled_rules and context.compiled_rules[rule.id].in_full
    for block, of in groupby(sorted(keys), lambda number: number // instances.SIZE):
        value = context.rows[index.key(INSTANCE, block)].value
        fires = ((value.state >= instances.FIRING) & (value.severity >= 0)).tolist()
        unclear = value.at == NEVER
        if rule.condition.compared_to:
            unclear = unclear | np.isnan(value.value)
        elif value.unwatched:
            unclear = unclear.copy()
            unclear[sorted(_unclear(value, in_full))] = True
        unclear = unclear.tolist()
        for number in of:
            slot = number % instances.SIZE
            if not _held(context, index, number, value) or slot >= len(fires):
                continue  # a newer block lacks slots that were to come with an input that failed
            known = not (unclear[slot] or doubted(value.sources[slot]))
            yield MemberInstance(_labels(index, keys[number]), fires[slot] if known else None)


def _unclear(block: StateBlock, in_full: bool) -> set[int]:
    """The slots of which nobody knows whether they are well, as their windows have not been watched in full.

    What fires is known; so is what is well where all of the rule's windows are judged `in_full`, and this one was.
    """
    return {
        slot
        for slot in block.unwatched
        if (np.isnan(block.value[slot]) if in_full else block.state[slot] < instances.FIRING)
    }


def _held(context: Context, index: SlotIndex, number: int, block: StateBlock) -> bool:
    """Whether an instance has its slot; on a replay newer blocks hold slots that have still to be given."""
    if number >= context.gateway(index.gateway).next.get(INSTANCE, 0):
        return False
    lies = not (block.history.left or block.history.came)  # nearly always: nothing has ever left the block
    return lies or index.standing(INSTANCE, number, context.offset) is Standing.HELD


def _doubted(context: Context, gateway: str, rule: Rule, known: dict[str, bool], source: str) -> bool:
    """Whether nothing is known of what a source feeds; looked up once a source."""
    if source not in known:
        entry, compiled = context.gateway(gateway), context.compiled_rules.get(rule.id)
        of = entry.sources.get(source)
        blind = bool(compiled and compiled.counts and of is not None and of.untrusted)
        known[source] = blind or bool(data_quality.unknown(entry, source))
    return known[source]


def _labels(index: SlotIndex, key: str) -> Mapping[str, str]:
    """The labels of an instance, found once for each key."""
    if key not in index.labels:
        index.labels[key] = labels_of(key, index.gateway)
    return index.labels[key]
