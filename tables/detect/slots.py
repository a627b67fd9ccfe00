"""Giving series, windows and instances their slots, when a series is first seen or a rule changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zlib import crc32

from streams.errors import Refused
from tables.detect import gateway, telling
from tables.detect.index import SIZES, Index, Use, reading
from tables.detect.judge import Cause, State
from tables.detect.watch import Watch
from tables.row import Row

if TYPE_CHECKING:
    from tables.detect.machine import Detect

MOST = 50_000  # watched series of one gateway; more are refused, so that one sender cannot fill the memory
LONGEST = 1_000  # characters of a series: a block of them stays a row that Kafka takes
REFUSED = 256  # refused series of one gateway that are told of


def place(machine: Detect, entry: Row, index: Index, source: str, text: Any) -> int | None:
    """The number of a series, given on first sight; None where no rule reads it or it is refused, with the reason."""
    try:
        number = index.series.get(_text(text))
        if number is not None and number < _next(entry, "3"):
            _adopt(machine, index, source, (number, text))
            return number
        uses = list(reading(text, index.gateway, machine.inputs))
        gateway.remember(entry.value, text.partition("{")[0])
        if uses and number is None and _next(entry, "3") >= MOST:
            raise Refused(
                f"gateway {index.gateway} has {MOST} watched series already: narrow the rules' matchers"
            )
    except Refused as why:
        _refuse(machine, entry, f"{text!s:.80}", why)
        return None
    if not uses:
        return None
    number = index.series[text] = _give(machine, entry, index, "3", index.series.get(text), text)
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
        machine.bury(text, why, "samples")


def use(
    machine: Detect, entry: Row, index: Index, source: str, what: tuple[Watch, int, str, str, str]
) -> None:
    """One rule begins to read one series: it gets a window where it needs one, and an instance."""
    watch, role, function, text, key = what
    window = -1
    if watch.windowed:
        known = index.windows.get((watch.id, role, text))
        window = index.windows[watch.id, role, text] = _give(
            machine, entry, index, "4", known, [watch.id, role, text]
        )
    known = index.states.get((watch.id, key))
    state = index.states[watch.id, key] = _give(machine, entry, index, "5", known, [watch.id, key, source])
    index.note(Use(watch, role, function, index.series[text], window, state))
    machine.plans.pop(index.gateway, None)


def _next(entry: Row, level: str) -> int:
    return int(entry.value.get("next", {}).get(level, 0))


def _give(
    machine: Detect, entry: Row, index: Index, level: str, known: int | None, what: str | list[str | int]
) -> int:
    following = _next(entry, level)
    if known is not None and known < following:
        return known
    number = following if known is None else known
    entry.value["next"] = entry.value.get("next", {}) | {level: number + 1}
    row = machine.open(index.key(level, number // SIZES[level]))
    if row is not None:
        row.value.add(number % SIZES[level], *(what if level == "5" else [what]))
    return number


def adapt(machine: Detect, name: str, old: Watch | None, new: Watch | None) -> None:
    """A rule came, changed or went: the gateway's series get their slots, and instances that it left are closed."""
    entry = machine.enter(name)
    if entry is None:
        return
    index, watch = machine.index(name), new or old
    assert watch is not None
    if new is not None:
        _cover(machine, entry, index, new)
        if old is not None and not new.reads(old):
            _forget(machine, index, new)
    used = {use.state for use in index.uses.values() if use.watch.id == watch.id}
    left = [number for (rule, _), number in index.states.items() if rule == watch.id and number not in used]
    for number in sorted(number for number in left if number < _next(entry, "5")):
        _close(machine, index, number, watch)


def _cover(machine: Detect, entry: Row, index: Index, watch: Watch) -> None:
    # on a replay newer blocks hold slots that the entry has still to give: only what it has given is in use
    windows, states = _next(entry, "4"), _next(entry, "5")
    given = (use for use in index.uses.values() if use.window < windows and use.state < states)
    used = {(use.role, use.series) for use in given if use.watch.id == watch.id}
    for text, number in sorted(index.series.items(), key=lambda pair: pair[1]):
        for reader, role, function, key in reading(text, index.gateway, machine.inputs):
            if reader.id == watch.id and (role, number) not in used and number < _next(entry, "3"):
                use(machine, entry, index, "", (watch, role, function, text, key))
                index.orphans.add(number)


def _adopt(machine: Detect, index: Index, source: str, series: tuple[int, str]) -> None:
    """Instances that a rule got for a known series belong to the source that next sends it."""
    number, text = series
    if number not in index.orphans:
        return
    index.orphans.discard(number)
    for watch, _, _, key in reading(text, index.gateway, machine.inputs):
        state = index.states.get((watch.id, key), -1)
        block, slot = index.key("5", state // SIZES["5"]), state % SIZES["5"]
        if state >= 0 and not machine.rows[block].value.sources[slot] and (row := machine.open(block)):
            row.value.adopt(slot, source)


def _forget(machine: Detect, index: Index, watch: Watch) -> None:
    for place in machine.plan(index).feeds.values():
        for feed in place:
            if feed.watch.id == watch.id and (row := machine.open(index.key("4", feed.block))) is not None:
                row.value.clear(feed.windows)


def _close(machine: Detect, index: Index, number: int, watch: Watch) -> None:
    key, slot = index.key("5", number // SIZES["5"]), number % SIZES["5"]
    if machine.rows[key].value.state[slot] == State.OK or (row := machine.open(key)) is None:
        return
    limits = machine.plan(index).limits[number // SIZES["5"]]
    row.value.move(slot, Cause.REMOVED, machine.now(machine.clock.now), limits, -1)
    row.wake = row.value.deadline()
    telling.tell(machine, row, [slot] if row.value.untold(slot) else [], watch.rule)
