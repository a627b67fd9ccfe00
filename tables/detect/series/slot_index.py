"""Where everything of one gateway is: slots by text, derived from its blocks and never stored.

Slots are numbered per gateway and level, the number of the next new one being kept in the entry row, which lies
upstream of all blocks; a name gets the lowest vacant slot, or else the next. A replay may meet blocks that are newer
than the message in hand: what they held before it is told by their history, so that each series gets the slot that
it had.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any

from streams.access import reads
from streams.documents.document import PLATFORM
from streams.errors import Broken
from streams.telemetry import series as text_of
from streams.telemetry.series import metric
from tables.detect.aggregate import aggregate
from tables.detect.aggregate.compiled_rule import CompiledRule, bound
from tables.detect.aggregate.input_index import InputIndex, may_read
from tables.detect.block_key import AGGREGATE, INSTANCE, SERIES, block_key
from tables.detect.budget.steps import Settled
from tables.detect.health import inventory
from tables.detect.instances import instances
from tables.detect.levels import GATEWAY
from tables.detect.series import series_block
from tables.detect.series.batch_layout import BatchLayouts
from tables.detect.series.free_slots import FreeSlots
from tables.detect.series.slot_history import Standing
from tables.detect.slots.slot_numbers import SeriesNumbers, StateNumbers, WindowNumbers
from tables.detect.slots.uses import Use, Uses
from tables.detect.windows.window_bank import WindowBank
from tables.kernel.row import AnyRow as Row

SIZES = {SERIES: series_block.SIZE, AGGREGATE: aggregate.SIZE, INSTANCE: instances.SIZE}


class SlotIndex:
    """One gateway's slots: the number of a series by its text, of windows and states by their rule and key."""

    def __init__(
        self, gateway: str, rows: dict[str, Row], inputs: InputIndex, offset: int, rest: int
    ) -> None:
        """Read the gateway's blocks as they stood before a message, and find what reads each series."""
        self.gateway, self.rows = gateway, rows
        self.vacancies = {level: FreeSlots(rest) for level in SIZES}
        self.series, self.windows, self.states = SeriesNumbers(), WindowNumbers(), StateNumbers()
        self.series.update((text, n) for text, n in self._slots(SERIES, "texts") if text)
        self.windows.update((tuple(key), n) for key, n in self._slots(AGGREGATE, "keys"))
        self.states.update((tuple(key), n) for key, n in self._slots(INSTANCE, "keys"))
        self.names: dict[str, MutableMapping[Any, int]] = {
            SERIES: self.series,
            AGGREGATE: self.windows,
            INSTANCE: self.states,
        }
        for level in SIZES:
            self._vacant(level, offset)
        # of instances, by their keys, as far as somebody asked
        self.labels: dict[str, Mapping[str, str]] = {}
        # (level, number): what the message of this offset has given
        self._given: set[tuple[str, int]] = set()
        self._given_by = offset
        self.layouts = BatchLayouts()
        self.bank: WindowBank | None = None  # its windows, as long as the plan stands that says which
        self.settled: dict[int, Settled] = {}  # by number of a state, what of its error budget stays for now
        self.uses = Uses()
        # states whose source sends none of their series, and those series; found anew where `moved` (see ownership)
        self.unclaimed: set[int] = set()
        self.orphans: set[int] = set()
        self.taken: set[int] = set()  # series that have another source by the message in hand
        self.moved = True
        self._to_come = self._moves_to_come(offset)
        self._read(self.series, inputs, offset)

    @property
    def texts(self) -> Mapping[str, Mapping[str, int]]:
        """Of series, by metric; with their numbers."""
        return self.series.groups

    def reread(self, rule: str, edited: Iterable[CompiledRule], inputs: InputIndex, offset: int) -> None:
        """A rule came, changed or went: who reads what it may read is found anew, and nothing else is looked at."""
        self.uses.forget(rule)
        self.moved = True
        self._read({text for compiled in edited for text in may_read(compiled, self.texts)}, inputs, offset)

    def _read(self, texts: Iterable[str], inputs: InputIndex, offset: int) -> None:
        for text in texts:
            number = self.series[text]
            if metric(text) not in inputs or self.standing(SERIES, number, offset) is not Standing.HELD:
                continue
            for compiled, role, function, key in self.reading(text, inputs):
                place = self.windows.get((compiled.id, role, text), -1)
                state = self.states.get((compiled.id, key))
                if state is not None and (place >= 0 or not compiled.windowed):
                    self.uses.note(Use(compiled, role, function, number, place, state, bound(compiled, text)))

    def reading(self, text: str, inputs: InputIndex) -> Iterator[tuple[CompiledRule, int, str, str]]:
        """(rule, role, function, key of the instance) for each input that reads the series, and may."""
        name = metric(text)
        if name not in inputs:
            return
        labels = dict(text_of.parse(text).labels) | {"gateway": self.gateway}
        matching = inputs.reading(name, labels)
        owner = self._owner(labels) if any(each.compiled.rule.team != PLATFORM for each in matching) else ""
        for compiled, role, function, _, _ in matching:
            if reads(compiled.rule.team, owner):
                yield compiled, role, function, compiled.key(text, labels)

    def _owner(self, labels: Mapping[str, str]) -> str:
        row = self.rows.get(GATEWAY.key(self.gateway))
        return "" if row is None or row.value is None else inventory.owner(row.value.inventory, labels)

    def move(self) -> None:
        """Series have left, or are another source's: who sends what is found anew."""
        self.layouts.clear()
        self.moved = True

    def replay(self, offset: int, inputs: InputIndex) -> bool:
        """Whether by a message before an offset series of blocks moved that are newer than it: they do so now."""
        self._turn_to(offset)
        moved = False
        while self._to_come and self._to_come[-1][0] < offset:
            _, number = self._to_come.pop()
            if number >= 0:
                self._unread(number, self._name(SERIES, number), inputs)
            moved = True
        if moved:
            self.move()
        return moved

    def _moves_to_come(self, offset: int) -> list[tuple[int, int]]:
        """On a replay: by which messages series of newer blocks moved, the latest first; the number of one that left.

        −1 where it has another source.
        """
        moves: set[tuple[int, int]] = set()
        for block, row in self.blocks(SERIES):
            if row.seen >= offset:
                history, first = row.value.history, block * SIZES[SERIES]
                moves |= {(gone, first + slot) for slot, (gone, _) in history.left.items()}
                moves |= {(gone, first + slot) for slot, (_, _, gone, _) in history.came.items()}
                moves |= {(change[0], -1) for change in row.value.origins.changes}
        return sorted((move for move in moves if move[0] >= offset), reverse=True)

    def give(self, offset: int, level: str, number: int) -> None:
        """The message of an offset has given a slot."""
        self._turn_to(offset)
        self._given.add((level, number))

    def _turn_to(self, offset: int) -> None:
        """What an earlier message has given is no news."""
        if self._given_by != offset:
            self._given, self._given_by = set(), offset

    def standing(self, level: str, number: int, offset: int) -> Standing:
        """How a slot stands for the message of an offset, which may have given it itself."""
        if offset == self._given_by and (level, number) in self._given:
            return Standing.HELD
        block = self.rows[self.key(level, number // SIZES[level])].value
        standing: Standing = block.history.standing(number % SIZES[level], offset)
        return standing

    def living(self, text: str, offset: int) -> int | None:
        """The number of a series that has a slot and has not left it."""
        number = self.series.get(text)
        alive = number is not None and self.standing(SERIES, number, offset) is Standing.HELD
        return number if alive else None

    def vacate(self, level: str, number: int, since: int, inputs: InputIndex) -> None:
        """The slot is vacant since an active instant: what was read of a series is read no more."""
        self.vacancies[level].add(number, since)
        if level == SERIES:
            self._unread(number, self._name(level, number), inputs)

    def _unread(self, number: int, text: str, inputs: InputIndex) -> None:
        for compiled, role, _, _ in self.reading(text, inputs):
            self.uses.drop(compiled.id, role, number)

    def rename(self, level: str, number: int, name: Any, inputs: InputIndex) -> None:
        """The slot has a name; what is known of the name that it had, whoever reads it, is forgotten."""
        old = self._name(level, number)
        if old is not None and old != name and self.names[level].get(old) == number:
            del self.names[level][old]
            if level == SERIES:
                self._unread(number, old, inputs)
            elif level == AGGREGATE:
                self.uses.drop(old[0], old[1], self.series.get(old[2], -1))
            else:
                self.labels.pop(old[1], None)
        self.names[level][name] = number

    def _name(self, level: str, number: int) -> Any:
        row, slot = self.rows.get(self.key(level, number // SIZES[level])), number % SIZES[level]
        names: list[Any] = [] if row is None else row.value.texts if level == SERIES else row.value.keys
        if slot >= len(names):
            return None
        return names[slot] if level == SERIES else tuple(names[slot])

    def _slots(self, level: str, names: str) -> Iterator[tuple[Any, int]]:
        for block, row in self.blocks(level):
            for slot, name in enumerate(getattr(row.value, names)):
                yield name, block * SIZES[level] + slot

    def _vacant(self, level: str, offset: int) -> None:
        for block, row in self.blocks(level):
            if row.seen >= offset and row.value.history.lost >= offset:
                raise Broken(
                    f"row {row.key} is too new for a replay from offset {offset}: rebase the partition"
                )
            for slot, since in row.value.history.vacancies(offset):
                self.vacancies[level].add(block * SIZES[level] + slot, since)

    def blocks(self, level: str) -> Iterator[tuple[int, Row]]:
        """The gateway's rows of a level, with their numbers."""
        block = 0
        while (row := self.rows.get(self.key(level, block))) is not None:
            yield block, row
            block += 1

    def key(self, level: str, block: int) -> str:
        """The key of a block's row."""
        return block_key(level, self.gateway, block)
