"""Levels: what rows of one kind hold, when they want to be looked at, and how they are looked for.

A level's name stands in the keys of its rows, its rank only in the order of a machine's `levels`: effects flow
from the first to the last, and rows are written out from the last to the first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

V = TypeVar("V")


def _nowhere(_: Any) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True, eq=False)
class Level(Generic[V]):
    """One kind of row. `value`: a frozen struct that encodes itself, or columns that pack and unpack themselves.

    `deadline` tells from a value when its row is due, ms on the active clock, None for never; it is asked after every
    step and after recovery, so there is nothing to set. A level without it keeps a deadline of its own in each row.
    `wall`: its deadlines are instants, ms UTC, for what begins or ends by the calendar, whoever was away meanwhile.
    `index` tells from a value under which names, beside the level's own, its row is looked for. `emits`: a due row
    tells somebody something, so it waits while nobody may be told.
    """

    name: str
    value: type[V]
    deadline: Callable[[V], int | None] | None = None
    index: Callable[[V], tuple[str, ...]] = _nowhere
    emits: bool = False
    wall: bool = False
    columnar: bool = field(init=False)  # whether values pack themselves, and begin blank
    copied: bool = field(init=False)  # whether an open row has a value of its own, to be changed in place

    def __post_init__(self) -> None:
        """What is asked of every row is found once."""
        object.__setattr__(self, "columnar", hasattr(self.value, "unpack"))
        object.__setattr__(self, "copied", hasattr(self.value, "copy"))

    def key(self, owner: str) -> str:
        """The key of the row of an owner."""
        return f"{self.name}/{owner}"

    def blank(self) -> V | None:
        """What a row begins with: None, until something is decided, where values are structs."""
        if self.columnar or self.value.__mro__[-2] is dict:
            return self.value()
        return None

    @property
    def steady(self) -> bool:
        """Whether the names under which a living row is looked for depend on nothing but its key."""
        return self.index is _nowhere


def level_name(key: str) -> str:
    """The name of the level that a key belongs to."""
    return key.partition("/")[0]


def owner_of(key: str) -> str:
    """What stands behind the level in a key: whose row it is."""
    return key.partition("/")[2]
