"""Giving series, windows and instances their slots, when a series is first seen or a rule changes."""

from __future__ import annotations

from sys import intern
from typing import Any
from zlib import crc32

from msgspec.structs import replace

from streams.errors import Refused
from streams.telemetry.series import canonical, metric
from tables.detect.aggregate.compiled_rule import CompiledRule, bound
from tables.detect.block_key import AGGREGATE, INSTANCE, SERIES
from tables.detect.context import Context
from tables.detect.series import ownership, slot_bound, slot_gc
from tables.detect.series.batch_layout import SHARED
from tables.detect.series.slot_history import Standing
from tables.detect.series.slot_index import SIZES, SlotIndex
from tables.detect.slots.uses import Use
from tables.kernel.level import level_name
from tables.kernel.row import AnyRow as Row

LONGEST = 1_000  # characters of a series: a block of them stays a row that Kafka takes
REFUSED = 256  # refused series of one gateway that are told of


def place(context: Context, entry: Row, index: SlotIndex, source: str, text: Any) -> int | None:
    """The number of a series, given on first sight; None where no rule reads it or it is refused, with the reason.

    SHARED where it belongs to another source.
    """
    try:
        name = metric(_text(text))
        if text not in index.series and (name in context.inputs or name in context.scope.readable):
            text = canonical(text)
        number = index.living(text, context.offset)
        if number is not None and number < slot_bound.following(entry, SERIES):
            if not ownership.takes(context, entry, index, source, number):
                return SHARED
            _adopt(context, entry, index, source, (number, text))
            return number
        uses = list(index.reading(text, context.inputs))
        if uses and not slot_bound.has_for(context, entry, index, text):
            entry.value = replace(entry.value, starved=True)
            raise Refused(
                f"gateway {index.gateway} has {context.terms.most} watched series already: narrow the rules' matchers"
            )
    except Refused as why:
        _refuse(context, entry, f"{text!s:.80}", why)
        return None
    if not uses:
        return None
    new = slot_bound.following(entry, SERIES)
    text = intern(text)  # gateways of a fleet have the same series, as far as their texts go
    number = _give(context, entry, index, SERIES, text, source)
    index.moved |= number < new  # it may come from another source than before
    for compiled, role, function, key in uses:
        use(context, entry, index, source, (compiled, role, function, text, key))
    return number


def _text(label: Any) -> str:
    if not isinstance(label, str):  # outsiders send what they like
        raise Refused(f"samples: `series` holds {label!r:.60}, which is not the text of a series")
    if len(label) > LONGEST:
        raise Refused(
            f"samples: the text of series {label:.60}… has {len(label)} characters, the bound is {LONGEST}: "
            "drop labels"
        )
    return label


def _refuse(context: Context, entry: Row, text: str, why: Refused) -> None:
    """Say once why a series is refused; the entry row remembers it, since what a worker saw before is lost with it."""
    refused, mark = entry.value.refused, f"{crc32(text.encode(errors='replace')):x}"
    if mark not in refused and len(refused) < REFUSED:
        entry.value = replace(entry.value, refused=(*refused, mark))
        context.dead_letter(text, why, "samples")


def use(
    context: Context, entry: Row, index: SlotIndex, source: str, what: tuple[CompiledRule, int, str, str, str]
) -> None:
    """One rule begins to read one series: it gets a window where it needs one, and an instance."""
    compiled, role, function, text, key = what
    window = _give(context, entry, index, AGGREGATE, (compiled.id, role, text)) if compiled.windowed else -1
    state = _give(context, entry, index, INSTANCE, (compiled.id, key), source)
    _claim(context, entry, index, state, source)
    index.uses.note(Use(compiled, role, function, index.series[text], window, state, bound(compiled, text)))
    context.plans.pop(index.gateway, None)


def _give(context: Context, entry: Row, index: SlotIndex, level: str, name: Any, *more: str) -> int:
    """The slot that the name has or gets: its own where it comes back, else the lowest vacant one, else a new one."""
    new, known = slot_bound.following(entry, level), index.names[level].get(name)
    if known is not None and known < new:
        standing = index.standing(level, known, context.offset)
        if standing is Standing.HELD:
            return known
        known = None if standing is Standing.AHEAD else known
    if known is None:
        vacant = index.vacancies[level].lowest(context.clock.active)
        known = new if vacant is None else vacant
    if known >= new:
        entry.value = replace(entry.value, next=entry.value.next | {level: known + 1})
    index.vacancies[level].remove(known)
    if level == SERIES:
        context.scope.note_series(index.gateway, name)
    elif level == INSTANCE:
        context.scope.note_instance(index.gateway, name[0])
    index.rename(level, known, name, context.inputs)
    index.give(context.offset, level, known)
    row = context.open(index.key(level, known // SIZES[level]))
    if row is not None:
        _move_in(context, row, known % SIZES[level], [name, *more] if level == SERIES else [*name, *more])
    return known


def _move_in(context: Context, row: Row, slot: int, name: list[Any]) -> None:
    block, active = row.value, context.clock.active
    what = [name] if level_name(row.key) == AGGREGATE else name
    if slot in block.history.left:
        old = block.texts[slot] if level_name(row.key) == SERIES else list(block.keys[slot])
        other = old != (name[0] if level_name(row.key) == SERIES else name[: len(old)])
        block.history = block.history.come(slot, context.offset, active, other)
        block.renew(slot, *(what[:1] if level_name(row.key) == SERIES else what[:2]))
        if level_name(row.key) != AGGREGATE:
            _feed(context, row, slot, str(what[-1]))
    else:
        block.add(slot, *what)
    slot_gc.begin(context, row, slot)


def _adopt(context: Context, entry: Row, index: SlotIndex, source: str, series: tuple[int, str]) -> None:
    """Instances of a known series that nobody feeds who sends one of theirs belong to the source that next does so.

    Where the series has just become the source's, its own instances follow it.
    """
    number, text = series
    if number not in index.orphans and number not in index.taken:
        return
    taken = number in index.taken
    index.orphans.discard(number)
    index.taken.discard(number)
    for compiled, _, _, key in index.reading(text, context.inputs):
        state = index.states.get((compiled.id, key))
        if state is not None and (taken or state in index.unclaimed):
            _claim(context, entry, index, state, source, taken and not compiled.grouped)


def _claim(
    context: Context, entry: Row, index: SlotIndex, state: int, source: str, alone: bool = False
) -> None:
    """An instance belongs to the source that sends its series, where the one that sent it before is gone.

    `alone`: it is about no other series. Nobody has to be gone where who has it sends none of its series.
    """
    key, slot = index.key(INSTANCE, state // SIZES[INSTANCE]), state % SIZES[INSTANCE]
    alone |= state in index.unclaimed
    if source:
        index.unclaimed.discard(state)
    if context.newer(key):
        return  # it was done then; where it had failed then, the block may lack the slot
    before = context.rows[key].value.sources[slot]
    feeds = entry.value.sources.get(before)
    gone = alone or feeds is None or feeds.lost
    if source and before != source and gone and (row := context.open(key)) is not None:
        _feed(context, row, slot, source)


def _feed(context: Context, row: Row, slot: int, source: str) -> None:
    row.value.origins = row.value.origins.take((slot,), source, context.offset, context.clock.active)
