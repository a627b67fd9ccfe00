"""What tests of the kernel share: a store of rows of every sort, and units of work on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import msgspec

from streams.errors import DamagedState
from tables.kernel.level import Level, level_name
from tables.kernel.output import Output
from tables.kernel.row_store import HEAD, RowStore


class Thing(msgspec.Struct, frozen=True):
    """A struct in a row: a number, and when it is due."""

    number: int
    due: int | None = None


@dataclass
class Columns:
    """A value that is changed in place."""

    number: int = 0

    def copy(self) -> Self:
        """An independent copy."""
        return type(self)(self.number)

    def pack(self) -> tuple[Any, bytes]:
        """A length, and so many bytes."""
        return self.number, b"x" * self.number

    @classmethod
    def unpack(cls, meta: Any, raw: bytes) -> Self:
        """The inverse of `pack`."""
        if meta != len(raw):
            raise DamagedState(f"{meta} bytes announced, {len(raw)} found")
        return cls(len(raw))


def due(thing: Thing) -> int | None:
    """When a thing wants to be looked at."""
    return thing.due


def names(thing: Thing) -> tuple[str, ...]:
    """A thing is looked for by its number, and by whether that is odd."""
    return (f"n{thing.number}", "odd") if thing.number % 2 else (f"n{thing.number}",)


# No order of names is the order of ranks, and each sort of level is there.
ZEBRA = Level("zebra", Thing, due)
ASP = Level("asp", Thing, due, names)
MOLE = Level("mole", Columns)
BEE = Level("bee", Thing, due, names, emits=True)
LEVELS: tuple[Level[Any], ...] = (HEAD, ZEBRA, ASP, MOLE, BEE)
KEYS = ("zebra/a", "asp/a", "asp/b", "mole/a", "bee/a", "bee/b")


class Store(RowStore):
    """Rows of every sort."""

    levels = LEVELS


class Act(NamedTuple):
    """One write: a row, its number, when it is due, and whether it ends."""

    key: str
    number: int
    due: int | None
    ends: bool


def act(store: RowStore, acts: list[Act]) -> None:
    """Write rows, set when they are due, end some, and say something for each."""
    for key, number, due_at, ends in acts:
        row = store.open(key)
        assert row is not None
        row.sent += 1
        if level_name(key) == MOLE.name:
            row.value.number, row.deadline = number, due_at
        else:
            row.value = Thing(number, due_at)
        if ends:
            store.mark_deleted(row)
        store.out.append(Output("changes", "", f"{key}@{row.born}.{row.sent}", b""))


def fail(store: RowStore, acts: list[Act]) -> None:
    """A unit that fails after its work."""
    act(store, acts)
    raise RuntimeError("poison")


def applied(store: Store, acts: list[Act]) -> Store:
    """One input applied, as a machine does."""
    store.begin(store.head.seen + 1)
    store.head.seen = store.offset
    store.savepoint(act, store, acts)
    store.settle()
    return store
