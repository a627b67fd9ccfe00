"""From an event to verdicts: the rows of rules about events are opened, moved and told of here.

Instances of a rule on a gateway are spread over rows by their keys; what there is no room for stands in one instance of
its row, with `others` as its labels' values: so a storm of keys is told of and costs no more than it may.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from zlib import crc32

from msgspec.structs import replace

from streams.documents.document import PLATFORM
from streams.documents.rule import Rule
from streams.messages.event import Event
from tables.detect.events import steps, told
from tables.detect.events.state import COMPOSITE, EVENT, EventCause, EventInstance, EventRow
from tables.detect.events.steps import EventMoment
from tables.detect.events.watch import EventWatch, fields, key
from tables.detect.health import inventory
from tables.detect.health.event_time import is_believed
from tables.detect.health.inventory import Inventory
from tables.kernel.configuration import Configured
from tables.kernel.level import Level, level_name
from tables.kernel.row import AnyRow

ROWS = 256  # of one rule on one gateway
ROOM = 16  # instances of a row, and one of all others


Step = Callable[[EventInstance, EventMoment], EventInstance]


def row_key(gateway: str, rule: str, instance: str) -> str:
    """The key of the row in which an instance stands."""
    return EVENT.key(f"{gateway}/{rule}/{crc32(instance.encode()) % ROWS:02x}")


def parts(key: str) -> tuple[str, str]:
    """Gateway and rule of a row, by its key."""
    gateway, rule, _ = key.partition("/")[2].rsplit("/", 2)
    return gateway, rule


def names(key: str) -> tuple[str, ...]:
    """Under which names a row is looked for: its rule's, its gateway's, and both; rows of other levels under none."""
    level = level_name(key)
    if level not in (EVENT.name, COMPOSITE.name):
        return ()
    gateway, rule = parts(key)
    return f"{level}/rule/{rule}", f"{level}/gateway/{gateway}", f"{level}/of/{gateway}/{rule}"


def rows_of(level: Level[EventRow], gateway: str, rule: str) -> str:
    """The name under which the rows of a rule on a gateway are looked for."""
    return f"{level.name}/of/{gateway}/{rule}"


def take(context: Configured, watches: Mapping[str, EventWatch], event: Event, late: int) -> None:
    """Give an event to the rules that are about it, each by itself; `late`: ms by which it may lie behind."""
    known, owners, now = fields(event), _inventory(context, event.gateway), context.clock.now
    at = event.at if is_believed(event.at, now, late) else now  # its clock is off
    for _, watch in sorted(watches.items()):
        if inventory.readable(owners, known, watch.rule.team) and (step := _step(watch, known, at)):
            labels = watch.labels(known)
            place = row_key(event.gateway, watch.id, key(labels))
            context.act(place, partial(_take, context, watch, labels, step))


def _step(watch: EventWatch, known: dict[str, str], at: int) -> Step | None:
    """What an event makes of its instance; None where the rule is not about it."""
    if watch.starts(known):
        return lambda instance, now: steps.happen(instance, watch, known, at, now)
    if watch.ends(known):
        return lambda instance, now: steps.counter(instance, watch, at, now)
    return None


def _take(context: Configured, watch: EventWatch, labels: dict[str, str], step: Step, place: str) -> None:
    row = context.open(place)
    if row is None:
        return
    held: EventRow = row.value or EventRow()
    if key(labels) not in held.instances and len(held.instances) >= ROOM:
        labels = dict.fromkeys(labels, f"others-{place[-2:]}")
    before = held.instances.get(key(labels)) or EventInstance(labels=labels)
    row.value = replace(held, instances=held.instances | {key(labels): step(before, moment(context))})
    settle(context, row, watch)


def moment(context: Configured) -> EventMoment:
    """When an instance takes a step: the record's time, the active clock at it, and whether we are catching up."""
    return EventMoment(context.clock.now, context.clock.active_now, not context.clock.caught_up)


def expect(context: Configured, entry: AnyRow, watches: Mapping[str, EventWatch], awaited: list[str]) -> None:
    """What should come from a gateway, and has not, is waited for from now on; `awaited`: marks of all such rules."""
    entry.value = replace(entry.value, awaited=tuple(awaited))
    gateway = entry.key.partition("/")[2]
    for _, watch in sorted(watches.items()):
        if watch.awaits and inventory.readable(entry.value.inventory, {}, watch.rule.team):
            place = row_key(gateway, watch.id, key({}))
            context.act(place, partial(_expect, context, watch))


def _expect(context: Configured, watch: EventWatch, place: str) -> None:
    row = context.open(place)
    if row is None:
        return
    held: EventRow = row.value or EventRow()
    before = held.instances.get(key({}))
    if before is not None and before.cause != EventCause.REMOVED:
        return
    now = moment(context)
    begun = replace(before or EventInstance(), heard=now.active, at=now.at, cause=EventCause.HAPPENED)
    instance = steps.judge(begun, watch, now)
    row.value = replace(held, instances=held.instances | {key({}): instance})


def due(
    context: Configured, row: AnyRow, watches: Mapping[str, EventWatch], rules: Mapping[str, Rule]
) -> None:
    """Time may have moved instances, or somebody has still to be told; of `rules`, some may be gone."""
    _, rule = parts(row.key)
    watch = watches.get(rule)
    held: EventRow = row.value or EventRow()
    now = EventMoment(context.clock.now, context.clock.active, not context.clock.caught_up)
    if watch is not None:
        moved = {
            name: instance if instance.cause == EventCause.REMOVED else steps.judge(instance, watch, now)
            for name, instance in held.instances.items()
        }
        row.value = replace(held, instances=moved)
    settle(context, row, watch, rules.get(rule))


def remove(context: Configured, name: str, rules: Mapping[str, Rule], why: EventCause) -> None:
    """The rule, or the gateway, of all rows under a name is gone: what fires ends."""
    for known in list(context.scan_sorted(name)):
        context.act(known.key, partial(_remove, context, rules.get(parts(known.key)[1]), why))


def disown(
    context: Configured, entry: AnyRow, watches: Mapping[str, EventWatch], rules: Mapping[str, Rule]
) -> None:
    """Whose the gateway is has changed: what rules of teams may not read any more ends, the rest is awaited anew."""
    gateway = entry.key.partition("/")[2]
    entry.value = replace(entry.value, awaited=())
    for known in list(context.scan_sorted(f"{EVENT.name}/gateway/{gateway}")):
        rule = rules.get(parts(known.key)[1])
        if rule is not None and rule.team != PLATFORM:
            context.act(
                known.key, partial(_disown, context, watches.get(rule.id), rule, entry.value.inventory)
            )


def _disown(
    context: Configured, watch: EventWatch | None, rule: Rule, owners: Inventory | None, place: str
) -> None:
    row = context.open(place)
    if row is None or row.value is None:
        return
    kept = {
        name: instance
        if inventory.readable(owners, instance.labels, rule.team)
        else steps.remove(instance, EventCause.REMOVED)
        for name, instance in row.value.instances.items()
    }
    row.value = replace(row.value, instances=kept)
    settle(context, row, watch, rule)


def _inventory(context: Configured, gateway: str) -> Inventory | None:
    entry = context.get(context.entry, gateway)
    return None if entry is None else entry.inventory


def _remove(context: Configured, rule: Rule | None, why: EventCause, place: str) -> None:
    row = context.open(place)
    if row is None or row.value is None:
        return
    over = {name: steps.remove(instance, why) for name, instance in row.value.instances.items()}
    row.value = EventRow(over)
    settle(context, row, None, rule)


def settle(context: Configured, row: AnyRow, watch: EventWatch | None, rule: Rule | None = None) -> None:
    """Tell what is untold, where anybody may be told; forget what nobody has to know."""
    if context.may_emit:
        told.publish(context, row, watch or (EventWatch(rule) if rule else None))
    kept = {
        name: instance
        for name, instance in row.value.instances.items()
        if not steps.spent(instance, watch, context.clock.now)
    }
    row.value = replace(row.value, instances=kept)
    if not kept:
        context.mark_deleted(row)
