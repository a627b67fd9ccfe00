"""A machine of twelve levels: what falls in goes down all of them, each row reckoning with all that is above it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import msgspec

from streams.messages.change import Change
from streams.messages.config import ConfigRevision
from streams.messages.envelope import Message
from streams.messages.tick import Tick
from streams.signature import Signer, bound
from streams.topics import CHANGES, NOTIFY
from tables.kernel.configuration import CONFIG, Configured
from tables.kernel.level import Level, level_name, owner_of
from tables.kernel.machine import ALARM, HEAD
from tables.kernel.row import AnyRow
from tables.world import KEY
from tests.tables.kernel.harness import Columns
from tests.tables.torture import START, Log

POISON = 13  # an item that fails after its work


class Cell(msgspec.Struct, frozen=True):
    """A number, and when it is looked at again."""

    number: int = 0
    due: int | None = None


class Drop(Message, frozen=True, tag="drop"):
    """Some numbers fall in."""

    owner: str
    items: tuple[int, ...]


def cells(name: str, **more: Any) -> Level[Cell]:
    """A level of cells, which are looked for by whether their number is odd."""
    return Level(name, Cell, lambda cell: cell.due, lambda cell: ("odd",) if cell.number % 2 else (), **more)


ENTRY = cells("nest")
MIDDLE: tuple[Level[Any], ...] = (
    cells("owl"), cells("ant"), cells("yak"), Level("fox", Columns), cells("bat"), cells("emu", emits=True),
    cells("kid"), cells("cod"),
)  # fmt: skip


class Twelve(Configured):
    """Effects flow through the levels in the order of `flow`."""

    stage = "deliver"
    levels = (HEAD, CONFIG, ENTRY, *MIDDLE, ALARM)
    flow: ClassVar[Sequence[Level[Any]]] = MIDDLE
    entry = ENTRY
    kinds = ("endpoint",)
    reads: ClassVar[Mapping[str, type[Message]]] = {"tick": Tick, "config": ConfigRevision, "drop": Drop}

    def on_drop(self, drop: Drop) -> None:
        """Each number by itself, whatever becomes of the others."""
        entry = self.open_entry_row(drop.owner)
        if entry is None:
            return
        entry.value = Cell((entry.value or Cell()).number + 1)
        for place, item in enumerate(drop.items):
            if why := self.savepoint(self._fall, drop.owner, item):
                self.dead_letter(f"item {place}", why, "drop")

    def _fall(self, owner: str, item: int) -> None:
        for rank in range(len(self.flow)):
            self._reach(rank, owner, item)
        if item == POISON:
            raise RuntimeError("poison")

    def on_deadline(self, row: AnyRow) -> None:
        """A row that is due reckons anew, and so does one below it."""
        rank = [level.name for level in self.flow].index(level_name(row.key))
        owner = owner_of(row.key).rpartition("/")[0]
        self._reckon(rank, row, 1)
        if rank + 1 < len(self.flow):
            self._reach(rank + 1, owner, 1)

    def _reach(self, rank: int, owner: str, item: int) -> None:
        row = self.open(self.flow[rank].key(f"{owner}/{item % (1 + rank % 3)}"))
        if row is not None:
            self._reckon(rank, row, item)

    def _reckon(self, rank: int, row: AnyRow, item: int) -> None:
        """A new number from the row's own, from all documents, and from all rows above it."""
        level = self.flow[rank]
        before = row.value.number if row.value is not None else 0
        documents = sum(len(document.name) for document in self.of("endpoint"))
        number = (7 * before + item + documents + self._above(rank)) % 9_973
        due = self.clock.active + 1_000 * (1 + number % 5) if number % 3 == 0 else None
        if level.columnar:
            row.value.number, row.deadline = number, due
        else:
            row.value = Cell(number, due)
        if level.emits:
            self.emit(CHANGES, "t", Change(
                id=self.next_id(row), at=self.clock.now, team="t", subject="alert", subject_id=row.key, what="fell",
                reason=str(number),
            ))  # fmt: skip
        if number % 11 == 0:
            self.mark_deleted(row)

    def _above(self, rank: int) -> int:
        upstream = self.flow[:rank]
        odd = [cell.value.number for level in upstream for cell in self.scan_sorted(f"{level.name}/odd")]
        columns = [row.value.number for level in upstream if level.columnar for row in self.scan(level.name)]
        entries = sum(row.value.number for row in self.scan(ENTRY.name))
        return int(entries + sum(columns) + sum(place * number for place, number in enumerate(odd, 1)))


def ordered(ranks: Sequence[Level[Any]], flow: Sequence[Level[Any]] | None = None) -> type[Twelve]:
    """The machine with levels in this order. `flow`: in which effects go, where that is another one, a mistake."""

    class Ordered(Twelve):
        levels = (HEAD, CONFIG, ENTRY, *ranks, ALARM)

    Ordered.flow = tuple(ranks if flow is None else flow)
    return Ordered


def life(seed: int, seconds: int = 60) -> Log:
    """A random log: drops with poison among them, documents that come and go, ticks, a pause, and garbage."""
    rnd, log, signer = random.Random(seed), Log(), Signer([KEY])

    def tell(message: Message, stamp: int) -> None:
        log.append((stamp, signer.sign(message.encode(), bound(message.kind, NOTIFY))))

    everything: dict[str, Any] = {
        "owner": "",
        "type": "",
        "name": "",
        "revision": 0,
        "body": None,
        "complete": True,
    }
    tell(ConfigRevision(id="c", at=START, **everything), START)
    now = START
    for second in range(seconds):
        now += 90_000 if rnd.random() < 0.03 else 1_000
        for _ in range(rnd.randrange(3)):
            items = tuple(rnd.randrange(16) for _ in range(rnd.randrange(1, 4)))
            tell(Drop(id=f"d{len(log)}", at=now, owner=rnd.choice("ab"), items=items), now)
        if rnd.random() < 0.1:
            name = rnd.choice(["one", "other"])
            body = None if rnd.random() < 0.5 else {"name": name, "team": "t", "channel": "log"}
            document: dict[str, Any] = {"owner": "t", "type": "endpoint", "name": name, "body": body}
            tell(ConfigRevision(id=f"c{second}", at=now, revision=second + 1, **document), now)
        if rnd.random() < 0.05:
            log.append((now, rnd.choice([b"{", b"[]", b'{"kind":"what"}'])))
        tell(Tick(id=f"t{second}", at=now, processed=now), now)
    return log
