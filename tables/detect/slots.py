"""Giving series, windows and instances their slots, when a series is first seen or a rule changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from streams.errors import Refused
from streams.series import canonical, metric
from tables.detect import gateway, room, rounds, subject, sweep
from tables.detect.columns import Array
from tables.detect.index import SIZES, Index, Use, bound, spread
from tables.detect.instances import StateBlock
from tables.detect.lifecycle import Cause
from tables.detect.tenancy import Standing
from tables.detect.watch import Watch
from tables.kernel.row import AnyRow as Row

if TYPE_CHECKING:
    from tables.detect.machine import Detect

LONGEST = 1_000  # characters of a series: a block of them stays a row that Kafka takes
REFUSED = 256  # refused series of one gateway that are told of


def place(machine: Detect, entry: Row, index: Index, source: str, text: Any) -> int | None:
    """The number of a series, given on first sight; None where no rule reads it or it is refused, with the reason."""
    try:
        name = metric(_text(text))
        if text not in index.series and (name in machine.inputs or name in machine.scope.readable):
            text = canonical(text)
        number = index.living(text, machine.offset)
        if number is not None and number < room.following(entry, "3"):
            _adopt(machine, entry, index, source, (number, text))
            return number
        uses = list(index.reading(text, machine.inputs))
        gateway.remember(entry.value, metric(text))
        if uses and not room.has_for(machine, entry, index, text):
            entry.value["starved"] = True
            raise Refused(
                f"gateway {index.gateway} has {machine.terms.most} watched series already: narrow the rules' matchers"
            )
    except Refused as why:
        _refuse(machine, entry, f"{text!s:.80}", why)
        return None
    if not uses:
        return None
    number = _give(machine, entry, index, "3", text)
    for watch, role, function, key in uses:
        use(machine, entry, index, source, (watch, role, function, text, key))
    return number


def _text(said: Any) -> str:
    if not isinstance(said, str):  # outsiders send what they like
        raise Refused(f"samples: {said!r:.60} is not the text of a series")
    if len(said) > LONGEST:
        raise Refused(
            f"samples: the text of series {said:.60}… has {len(said)} characters, the bound is {LONGEST}"
        )
    return said


def _refuse(machine: Detect, entry: Row, text: str, why: Refused) -> None:
    """Say once why a series is refused; the entry row remembers it, since what a worker saw before is lost with it."""
    refused, mark = entry.value.get("refused", []), f"{crc32(text.encode(errors='replace')):x}"
    if mark not in refused and len(refused) < REFUSED:
        entry.value["refused"] = [*refused, mark]
        machine.dead_letter(text, why, "samples")


def use(
    machine: Detect, entry: Row, index: Index, source: str, what: tuple[Watch, int, str, str, str]
) -> None:
    """One rule begins to read one series: it gets a window where it needs one, and an instance."""
    watch, role, function, text, key = what
    window = _give(machine, entry, index, "4", (watch.id, role, text)) if watch.windowed else -1
    state = _give(machine, entry, index, "5", (watch.id, key), source)
    _claim(machine, entry, index, state, source)
    index.note(Use(watch, role, function, index.series[text], window, state, bound(watch, text)))
    machine.plans.pop(index.gateway, None)


def _give(machine: Detect, entry: Row, index: Index, level: str, name: Any, *more: str) -> int:
    """The slot that the name has or gets: its own where it comes back, else the lowest vacant one, else a new one."""
    new, known = room.following(entry, level), index.names[level].get(name)
    if known is not None and known < new:
        standing = index.standing(level, known, machine.offset)
        if standing is Standing.HELD:
            return known
        known = None if standing is Standing.AHEAD else known
    if known is None:
        vacant = index.vacancies[level].lowest(machine.clock.active)
        known = new if vacant is None else vacant
    if known >= new:
        entry.value["next"] = entry.value.get("next", {}) | {level: known + 1}
    index.vacancies[level].remove(known)
    if level == "3":
        machine.scope.note_series(index.gateway, name)
    elif level == "5":
        machine.scope.note_instance(index.gateway, name[0])
    index.rename(level, known, name, machine.inputs)
    index.given.add((machine.offset, level, known))
    row = machine.open(index.key(level, known // SIZES[level]))
    if row is not None:
        _move_in(machine, row, known % SIZES[level], [name] if level == "3" else [*name, *more])
    return known


def _move_in(machine: Detect, row: Row, slot: int, name: list[Any]) -> None:
    block, attended = row.value, machine.clock.active
    what = [name] if row.key[0] == "4" else name
    if slot in block.tenancy.left:
        old = block.texts[slot] if row.key[0] == "3" else block.keys[slot]
        other = old != (name[0] if row.key[0] == "3" else name[: len(old)])
        block.tenancy = block.tenancy.come(slot, machine.offset, attended, other)
        block.renew(slot, *what[:2])
        if row.key[0] == "5":
            _feed(machine, row, slot, str(what[2]))
    else:
        block.add(slot, *what)
    sweep.begin(machine, row, slot)


def adapt(machine: Detect, name: str, old: Watch | None, new: Watch | None) -> None:
    """A rule came, changed or went: the gateway's series get their slots, and instances that it left are closed."""
    entry = machine.open_entry_row(name)
    if entry is None:
        return
    index, watch = machine.index(name), new or old
    assert watch is not None
    if new is not None:
        _cover(machine, entry, index, new)
        if old is not None and old.rule.condition.anomaly and subject.learned(old) != subject.learned(new):
            _end(machine, entry, index, new)
        if old is None or not new.reads(old):
            # what it read before it was switched off is no part of it either
            _forget(machine, index, new)
        if old is not None and new.reads(old) and new.rule.condition.by == old.rule.condition.by:
            return  # what has no series left, and still fires, is covered as before
    leave(machine, entry, index, watch)


def reassign(machine: Detect, entry: Row, index: Index, watch: Watch) -> None:
    """What a rule may read of the gateway is another: what it may read now gets its slots, the rest is closed."""
    _cover(machine, entry, index, watch)
    leave(machine, entry, index, watch)


def leave(machine: Detect, entry: Row, index: Index, watch: Watch) -> None:
    """Close the instances of a rule that no series feeds any more."""
    living = (use for use in index.of(watch.id) if _held(machine, entry, index, use))
    used = {use.state for use in living}
    left = [number for number in _states(index, watch) if number not in used]
    given = np.array(sorted(number for number in left if number < room.following(entry, "5")), dtype=np.int64)
    for block, _, some in spread(given, SIZES["5"]):
        _close(machine, index, block, some)


def _states(index: Index, watch: Watch) -> list[int]:
    return [index.states[name] for name in index.instances.get(watch.id, ())]


def _held(machine: Detect, entry: Row, index: Index, use: Use) -> bool:
    # on a replay newer blocks hold slots that have still to be given: only what has been given is in use
    slots = [("3", use.series), ("5", use.state), *([("4", use.window)] if use.window >= 0 else [])]
    return all(
        number < room.following(entry, level)
        and index.standing(level, number, machine.offset) is Standing.HELD
        for level, number in slots
    )


def _cover(machine: Detect, entry: Row, index: Index, watch: Watch) -> None:
    used = {(use.role, use.series) for use in index.of(watch.id) if _held(machine, entry, index, use)}
    metrics = {selector.name for _, _, selector in watch.inputs}
    read = [(index.series[text], text) for name in metrics for text in index.texts.get(name, ())]
    for number, text in sorted(read):
        known = number < room.following(entry, "3") and index.living(text, machine.offset) is not None
        for reader, role, function, key in index.reading(text, machine.inputs) if known else ():
            if reader.id == watch.id and (role, number) not in used:
                use(machine, entry, index, "", (watch, role, function, text, key))
                index.orphans.add(number)


def _adopt(machine: Detect, entry: Row, index: Index, source: str, series: tuple[int, str]) -> None:
    """Instances that a rule got for a known series belong to the source that next sends it."""
    number, text = series
    if number not in index.orphans:
        return
    index.orphans.discard(number)
    for watch, _, _, key in index.reading(text, machine.inputs):
        if (state := index.states.get((watch.id, key))) is not None:
            _claim(machine, entry, index, state, source)


def _claim(machine: Detect, entry: Row, index: Index, state: int, source: str) -> None:
    """An instance belongs to the source that sends its series, where the one that sent it before is gone."""
    key, slot = index.key("5", state // SIZES["5"]), state % SIZES["5"]
    if machine.newer(key):
        return  # it was done then; where it had failed then, the block may lack the slot
    before = machine.rows[key].value.sources[slot]
    gone = entry.value.get("sources", {}).get(before, {"lost": True})["lost"]
    if source and before != source and gone and (row := machine.open(key)) is not None:
        _feed(machine, row, slot, source)


def _feed(machine: Detect, row: Row, slot: int, source: str) -> None:
    row.value.origins = row.value.origins.take((slot,), source, machine.offset, machine.clock.active)


def _forget(machine: Detect, index: Index, watch: Watch) -> None:
    mine = sorted(use.window for use in index.of(watch.id) if use.window >= 0)
    for block, _, slots in spread(np.array(mine, dtype=np.int64), SIZES["4"]):
        if (row := machine.open(index.key("4", block))) is not None:
            row.value.clear(slots)


def _end(machine: Detect, entry: Row, index: Index, watch: Watch) -> None:
    """What was found of something else is over."""
    mine = _states(index, watch)
    given = np.array(sorted(number for number in mine if number < room.following(entry, "5")), dtype=np.int64)
    for block, _, slots in spread(given, SIZES["5"]):
        if (row := machine.open(index.key("5", block))) is not None:
            _shift(machine, row, slots)


def _shift(machine: Detect, row: Row, slots: Array) -> None:
    row.value.move(slots, Cause.REMOVED, machine.now(machine.clock.now))
    rounds.rest(row)
    machine.owing.add(row.key)


def _close(machine: Detect, index: Index, number: int, slots: Array) -> None:
    if (row := machine.open(index.key("5", number))) is None:
        return
    block: StateBlock = row.value
    # nothing feeds them any more: nobody waits for their values
    block.origins = block.origins.take(slots.tolist(), "", machine.offset, machine.clock.active)
    _shift(machine, row, slots)
