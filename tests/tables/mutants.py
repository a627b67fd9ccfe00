"""Machines that stumble, and machines with a mistake that the torture must find."""

from __future__ import annotations

import zlib
from typing import Any

from streams.messages.tick import Tick
from tables.kernel.level import level_name
from tables.kernel.machine import Machine
from tables.kernel.row import AnyRow

Kind = type[Machine]
Written = list[tuple[str, bytes | None]]


def poisoned(kind: Any) -> Any:
    """The machine with rows that fail twice before they succeed."""

    class Poisoned(kind):  # type: ignore[misc]
        def on_deadline(self, row: AnyRow) -> None:
            tries = row.quarantine.tries if row.quarantine else 0
            super().on_deadline(row)
            if zlib.crc32(row.key.encode()) % 3 == 0 and tries < 2:
                raise RuntimeError("poison")

    return Poisoned


def stumbling(kind: Any) -> Any:
    """The machine with ticks that fail as a whole after their rows have acted."""

    class Stumbling(kind):  # type: ignore[misc]
        def on_tick(self, tick: Tick) -> None:
            super().on_tick(tick)
            if self.offset % 5 == 0:
                raise RuntimeError("stumbled")

    return Stumbling


def entryless(kind: Any) -> Any:
    """The mistake of handling a keyed message without its entry row."""

    class Entryless(kind):  # type: ignore[misc]
        def open_entry_row(self, owner: str) -> AnyRow | None:
            known: AnyRow | None = self.rows.get(self.entry.key(owner)) or super().open_entry_row(owner)
            return known

    return Entryless


def deadline_losing(kind: Any) -> Any:
    """The mistake of rolling rows back without their deadlines."""

    class Losing(kind):  # type: ignore[misc]
        def _roll_back(self, mark: int) -> None:
            self._queue = lambda _: None
            super()._roll_back(mark)
            del self._queue

    return Losing


def careless(kind: Any) -> Any:
    """The mistake of one savepoint for a whole input."""

    class Careless(kind):  # type: ignore[misc]
        def savepoint(self, work: Any, *arguments: Any) -> Exception | None:
            if len(self._opened) > 1:
                work(*arguments)
                return None
            why: Exception | None = super().savepoint(work, *arguments)
            return why

    return Careless


def upstream_first(rows: Written) -> Written:
    """The mistake of writing causes before their effects."""
    return [*rows[-2::-1], rows[-1]]


def by_name(rows: Written) -> Written:
    """The mistake of taking the name of a level for its rank."""
    return [*sorted(rows[:-1], key=lambda pair: level_name(pair[0]), reverse=True), rows[-1]]
