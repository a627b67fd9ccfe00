"""The rows of one partition: opened for writing, rolled back to savepoints, written out in the order of the law.

A row of level n reads only rows of levels below n. A row that the store already holds at or past the current
offset is not opened again: its effects are behind us, and on a replay only the rest is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import heappush
from typing import Any, ClassVar

from streams.errors import Broken
from tables import row as rows
from tables.clock import Clock
from tables.output import Output
from tables.row import Columns, Row
from tables.shelves import Shelves

HEAD = "0/head"
END = "\U0010ffff"  # behind every key
FENCE = "!fence"  # a changelog record that closes the partition to older owners; never a row


class Memory:
    """Rows, their deadlines, and what the current input has done so far."""

    codecs: ClassVar[Mapping[str, type[Columns]]] = {}  # by level, where rows are columnar

    def __init__(self, stored: Iterable[tuple[str, bytes]] = ()) -> None:
        """`stored`: rows as the changelog has them."""
        self.rows = {
            k: rows.decode(k, raw, self.codecs.get(rows.level(k))) for k, raw in stored if k[0] != "!"
        }
        self.head = self.rows.setdefault(HEAD, Row(HEAD, {}))
        self.clock = Clock.read(self.head.value)
        self.heap: list[tuple[int, str]] = []
        self.shelves = Shelves()
        for row in self.rows.values():
            self._queue(row)
            self.shelves.put(row.key, self._names(row))
        self.dirty: dict[str, Row] = {}
        self.dying = {key for key, row in self.rows.items() if row.dead}
        self.offset = self.written = self.head.seen  # `written`: what the last complete write-out held
        self.known = max(row.seen for row in self.rows.values())
        self.begin(self.offset)

    def begin(self, offset: int) -> None:
        """Turn to the next input."""
        self.offset = offset
        self.out: list[Output] = []
        self.held: list[str] = []
        self._undo: list[tuple[Row, tuple[Any, ...] | None]] = []
        self._fresh: list[set[str]] = [set()]
        self._opened: dict[str, set[str]] = {}  # by the beginning of their keys

    def settle(self) -> None:
        """The input has been applied: the rows that it opened reflect it now."""
        for key in self._fresh[0]:
            row = self.dirty[key] = self.rows[key]
            row.seen = self.offset
            self.dying.discard(key)
            self._queue(row)
            self.shelves.put(key, self._names(row))
        for key in self.held:
            self._queue(self.rows[key])

    @property
    def replaying(self) -> bool:
        """Whether some row reflects this offset already: then all that was said of it has been acknowledged."""
        return self.offset <= self.known

    def unit(self, work: Callable[..., None], *arguments: Any) -> Exception | None:
        """A savepoint: all effects of `work` or none (rows, births, outputs, deadlines); what it raised is returned."""
        mark, said = len(self._undo), len(self.out)
        self._fresh.append(set())
        try:
            work(*arguments)
        except Broken:
            raise
        except Exception as why:  # noqa: BLE001 whatever fails, the unit has not happened
            self._fresh.pop()
            del self.out[said:]
            self._roll_back(mark)
            return why
        done = self._fresh.pop()
        self._fresh[-1] |= done
        return None

    def open(self, key: str) -> Row | None:
        """The row, for writing; None when the store already holds it at or past this offset, on a replay."""
        if self.newer(key):
            return None
        row = self.rows.get(key)
        if key in self._fresh[-1]:
            return row
        if row is None:
            row = self.rows[key] = Row(key, self.blank(key), born=self.offset)
            self._undo.append((row, None))
        else:
            self._undo.append((row, row.memory()))
            self._reopen(row)
        self._fresh[-1].add(key)
        self._opened.setdefault(key[:2], set()).add(key)
        return row

    def newer(self, key: str) -> bool:
        """Whether the store holds the row at or past this offset: what reads it was done then, if it was to be."""
        row = self.rows.get(key)
        return row is not None and row.seen >= self.offset

    def kill(self, row: Row) -> None:
        """End an open row: it is marked at the next write-out and its tombstone follows at a later one."""
        row.dead, row.wake, row.failed, row.value = True, None, None, self.blank(row.key)

    def alive(self, shelf: str, first: str = "", last: str = END) -> Iterator[Row]:
        """Living rows of a level (`4/`) or of a shelf, sorted, since the order of a set changes at a restart.

        Their keys begin with `first` and end before `last`.
        """
        if (first, last) == ("", END):
            keys = sorted(self._standing(shelf))
        else:
            touched, keys = self._touched(shelf), self.shelves.between(shelf, first, last)
            now = {key for key in self._now(shelf, touched) if first <= key < last}
            keys = sorted(now.union(key for key in keys if key not in touched))
        for key in keys:
            yield self.rows[key]

    def among(self, shelf: str) -> Iterator[Row]:
        """The same rows in no order, for what does not depend on it: half the cost where there are many."""
        return (self.rows[key] for key in self._standing(shelf))

    def _standing(self, shelf: str) -> set[str] | frozenset[str]:
        """The keys on a shelf; those that the input has touched have not been put away yet."""
        touched, known = self._touched(shelf), self.shelves.get(shelf)
        return known if not touched else (known - touched) | self._now(shelf, touched)

    def _touched(self, shelf: str) -> set[str]:
        """The keys that the input has opened and that may stand there; what was rolled back stands where it stood.

        Shelves whose names begin with a level hold rows of that level only: a look costs nothing of the others.
        """
        if shelf[:1].isdigit():
            return self._opened.get(shelf[:2], set())
        return set[str]().union(*self._opened.values())

    def _now(self, shelf: str, touched: set[str]) -> set[str]:
        """Which of these rows stand on a shelf as they are now."""
        return {key for key in touched if key in self.rows and shelf in self._names(self.rows[key])}

    def shelf(self, row: Row) -> str:  # noqa: ARG002 a stage knows what it looks for
        """Where else than with its level a living row is looked for; derived from its key and value, "" nowhere."""
        return ""

    def _names(self, row: Row) -> tuple[str, ...]:
        if row.dead:
            return ()
        shelf = self.shelf(row)
        return (row.key[:2], shelf) if shelf else (row.key[:2],)

    def snapshot(self) -> list[tuple[str, bytes | None]]:
        """Changed rows, most downstream first, the head last; synchronous, so a consistent cut. None: a tombstone."""
        changed = sorted(self.dirty.values(), key=lambda row: row.key)
        gone = sorted(k for k in self.dying if k not in self.dirty and self.rows[k].seen <= self.written)
        self.dirty, self.written = {}, self.head.seen
        self.dying = self.dying.difference(gone) | {row.key for row in changed if row.dead}
        written: list[tuple[str, bytes | None]] = [(row.key, row.encode()) for row in changed]
        for key in gone:
            written.append((key, None))
            del self.rows[key]
        written.sort(key=lambda pair: rows.level(pair[0]), reverse=True)
        self.head.value = self.clock.body()
        return [*written, (HEAD, self.head.encode())]

    def blank(self, key: str) -> Any:
        """The value that a row of this key begins with."""
        codec = self.codecs.get(rows.level(key))
        return {} if codec is None else codec()

    def rolled_back(self, keys: set[str]) -> None:
        """These rows were restored: what is derived from them may have to be rebuilt."""

    def _reopen(self, row: Row) -> None:
        if row.dead:  # a new life under the same key: its outputs get new names
            row.dead, row.born, row.sent, row.value = False, self.offset, 0, self.blank(row.key)
        else:
            row.value = row.value.copy()

    def _roll_back(self, mark: int) -> None:
        touched: set[str] = set()
        while len(self._undo) > mark:
            row, memory = self._undo.pop()
            touched.add(row.key)
            if memory is None:
                del self.rows[row.key]
            else:
                row.restore(memory)
                self._queue(row)
        if touched:
            self.rolled_back(touched)

    def _queue(self, row: Row) -> None:
        if row.wake is not None and row.wake != row.queued:
            row.queued = row.wake
            heappush(self.heap, (row.wake, row.key))
