"""What a rule reads just now: a machine in, the value of each of its instances and how it stands out; for trials."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from streams.documents.conditions.threshold import SEVERITIES
from tables.detect.block_key import INSTANCE, gateway_of
from tables.detect.columns import NEVER
from tables.detect.context import Context
from tables.detect.events import pipeline
from tables.detect.events.state import COMPOSITE, EVENT, EventInstance
from tables.detect.events.watch import EventWatch
from tables.detect.events.window import marks_within, within
from tables.detect.instances.lifecycle import State


class RuleReading(NamedTuple):
    """One instance. `at`: event ms of its value; `severity`: of its alert, "" while there is none."""

    gateway: str
    instance: str
    at: int
    value: float
    severity: str


def readings(context: Context, rule: str) -> Iterator[RuleReading]:
    """Every instance of a rule, by the rule's id, that has a value; of an event rule, how many events count now."""
    if watch := context.event_watches.get(rule):
        return _of_events(context, watch, EVENT.name)
    if composite := context.composites.get(rule):
        return _of_events(context, composite.watch, COMPOSITE.name)
    return _of_series(context, rule)


def _of_series(context: Context, rule: str) -> Iterator[RuleReading]:
    for row in context.scan_sorted(INSTANCE):
        block, gateway = row.value, gateway_of(row.key)
        for slot, (owner, instance) in enumerate(block.keys):
            if owner == rule and slot not in block.history.left and block.at[slot] != NEVER:
                severity = _name(block.shown(slot))
                yield RuleReading(gateway, instance, int(block.at[slot]), float(block.value[slot]), severity)


def _of_events(context: Context, watch: EventWatch, level: str) -> Iterator[RuleReading]:
    now = context.clock.now
    for row in context.scan_sorted(f"{level}/rule/{watch.id}"):
        gateway, _ = pipeline.parts(row.key)
        for name, instance in sorted(row.value.instances.items()):
            severity = _name(instance.severity if instance.state >= State.FIRING else -1)
            yield RuleReading(gateway, name, now, float(_number(instance, watch, now)), severity)


def _number(instance: EventInstance, watch: EventWatch, now: int) -> int:
    """How many events, or values of a field, lie in the window; without one, whether it is wrong."""
    over = watch.rule.condition.over
    if not watch.counted:
        return int(instance.state >= State.FIRING)
    marks = marks_within(instance.marks, now, over)
    return len(marks) if marks else sum(bucket.count for bucket in within(instance.counts, now, over))


def _name(rank: int) -> str:
    return SEVERITIES[rank] if rank >= 0 else ""
