"""From rules that moved to the composite rules that name them: their rows are opened, moved and told of here.

Groups are spread over rows by their keys. A row is opened where what it says of a group is another than before.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from zlib import crc32

from msgspec.structs import replace

from tables.detect.block_key import INSTANCE, gateway_of
from tables.detect.composite.standings import is_ahead, member
from tables.detect.composite.truth import Truth, truths
from tables.detect.composite.watch import CompositeWatch
from tables.detect.context import Context
from tables.detect.events import pipeline as events
from tables.detect.events import steps
from tables.detect.events.state import COMPOSITE, EVENT, NONE, EventInstance, EventRow
from tables.detect.events.watch import key
from tables.detect.health import inventory

ROWS = 16  # of one rule on one gateway
ROOM = 64  # groups of a row; what comes beyond is not looked at


def follow(context: Context) -> None:
    """Judge the composite rules that name a rule of which an instance has moved in this input."""
    if not context.composites:
        return
    moved: dict[str, set[str]] = {}
    for block in context.pending & context.opened(INSTANCE):
        of = moved.setdefault(gateway_of(block), set())
        of.update(rule for rule, _ in context.rows[block].value.keys)
    for row in context.opened(EVENT.name):
        gateway, rule = events.parts(row)
        moved.setdefault(gateway, set()).add(rule)
    for gateway in sorted(moved.keys() | context.stirred):
        if context.known_gateway(gateway):
            _judge(context, gateway, None if gateway in context.stirred else moved[gateway])


def _judge(context: Context, gateway: str, moved: set[str] | None) -> None:
    """`moved`: rules of which an instance may have; None: any."""
    for id, composite in sorted(context.composites.items()):
        if moved is None or composite.ids & moved:
            context.act(_row_key(gateway, id, ""), partial(_take, context, composite, gateway))


def _take(context: Context, composite: CompositeWatch, gateway: str, _: str) -> None:
    """Find what holds of each group, and open the rows of which it is something else."""
    if any(is_ahead(context, gateway, rule) for rule in (composite.members or {}).values()):
        return
    rows = list(context.scan_sorted(events.rows_of(COMPOSITE, gateway, composite.watch.id)))
    known = {name: instance for row in rows for name, instance in row.value.instances.items()}
    by_row: dict[str, list[Truth]] = {}
    for truth in _truths(context, composite, gateway, known) if composite.members is not None else ():
        before = known.get(key(truth.labels))
        if _says_otherwise(before, truth):
            by_row.setdefault(_row_key(gateway, composite.watch.id, key(truth.labels)), []).append(truth)
    for row_key, some in sorted(by_row.items()):
        context.act(row_key, partial(_move, context, composite, some))


def _truths(
    context: Context, composite: CompositeWatch, gateway: str, known: Mapping[str, EventInstance]
) -> list[Truth]:
    rule, owners = composite.watch.rule, context.gateway(gateway).inventory
    members = {
        name: member(context, gateway, member_rule, rule.team)
        for name, member_rule in sorted((composite.members or {}).items())
    }
    evaluated = truths(rule.condition, members, [instance.labels for instance in known.values()])
    return [
        truth if inventory.readable(owners, truth.labels, rule.team) else truth._replace(holds=False)
        for truth in evaluated
    ]


def _says_otherwise(before: EventInstance | None, truth: Truth) -> bool:
    if before is None:
        return truth.holds is True
    return (before.lasts, before.detail, before.doubt) != _kept(before, truth)


def _kept(before: EventInstance, truth: Truth) -> tuple[bool, str, str]:
    """What an instance says after it; what fires stays where nothing is known, and what waits to fire does not."""
    if truth.holds is None:
        return before.severity > NONE and before.lasts, truth.detail, f"unknown: {truth.detail}"
    return truth.holds, truth.detail, ""


def _move(context: Context, composite: CompositeWatch, some: list[Truth], place: str) -> None:
    row = context.open(place)
    if row is None:
        return
    held: EventRow = row.value or EventRow()
    now = events.moment(context)
    moved = dict(held.instances)
    for truth in some:
        name = key(truth.labels)
        if name not in moved and len(moved) >= ROOM:
            continue
        before = moved.get(name) or EventInstance(labels=truth.labels)
        lasts, detail, doubt = _kept(before, truth)
        at = context.clock.now if before.lasts != lasts else before.at
        told = replace(before, lasts=lasts, detail=detail, doubt=doubt, at=at)
        moved[name] = steps.judge(told, composite.watch, now)
    row.value = replace(held, instances=moved)
    events.settle(context, row, composite.watch)


def _row_key(gateway: str, rule: str, group: str) -> str:
    return COMPOSITE.key(f"{gateway}/{rule}/{crc32(group.encode()) % ROWS:02x}")
