"""The rows of one partition: opened for writing, rolled back to savepoints, written out in the order of the law.

A row reads only rows of levels above its own. A row that the store already holds at or past the current
offset is not opened again: its effects are behind us, and on a replay only the rest is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from heapq import heappush
from typing import Any, ClassVar, TypeVar

from streams.errors import Broken
from tables.kernel import row as rows
from tables.kernel.clock import Clock
from tables.kernel.index import Index
from tables.kernel.level import Level, level_name
from tables.kernel.output import Output
from tables.kernel.row import Row

V = TypeVar("V")
HEAD = Level("head", Clock)
HEAD_KEY = HEAD.key("partition")
NOTHING = frozenset[str]()
END = "\U0010ffff"  # behind every key
FENCE = "!fence"  # a changelog record that closes the partition to older owners; never a row


class RowStore:
    """Rows, their deadlines, and what the current input has done so far."""

    levels: ClassVar[tuple[Level[Any], ...]]  # upstream first; the first is HEAD

    def __init__(self, stored: Iterable[tuple[str, bytes]] = ()) -> None:
        """`stored`: rows as the changelog has them."""
        levels = self._levels = {level.name: level for level in self.levels}
        self.rows: dict[str, Row[Any]] = {}
        self.rows |= {k: rows.decode(k, raw, levels.get(level_name(k))) for k, raw in stored if k[0] != "!"}
        self.head = self.rows.setdefault(HEAD_KEY, Row(HEAD_KEY, Clock()))
        self.clock: Clock = self.head.value
        self.heap: list[tuple[int, str]] = []  # deadlines on the active clock
        self.calendar: list[tuple[int, str]] = []  # deadlines that are instants
        self.index_keys = Index()
        for row in self.rows.values():
            self._queue(row)
            self.index_keys.put(row.key, self._names(row))
        self.changed: dict[str, Row[Any]] = {}
        self.dying = {key for key, row in self.rows.items() if row.dead}
        self.offset = self.written = self.head.seen  # `written`: what the last complete write-out held
        self.known = max(row.seen for row in self.rows.values())
        self.begin(self.offset)

    def level_of(self, key: str) -> Level[Any]:
        """The level that a key belongs to."""
        return self._levels[level_name(key)]

    def begin(self, offset: int) -> None:
        """Turn to the next input."""
        self.offset = offset
        self.out: list[Output] = []
        self.held: list[str] = []  # rows whose time has come, and which may not act in this input
        self._derived: dict[str, tuple[object, bool, tuple[str, ...]]] = {}  # see `_names_now`
        self.undo: list[tuple[str, Callable[[], object]]] = []  # what was touched, and what restores it
        self._opened: list[dict[str, set[str]]] = [{}]  # by savepoint and level

    def settle(self) -> None:
        """The input has been applied: the rows that it opened reflect it now."""
        for name, keys in self._opened[0].items():
            level = self._levels[name]
            steady = level.steady
            for key in keys:
                row = self.changed[key] = self.rows[key]
                row.seen = self.offset
                row.settle(level)
                self.dying.discard(key)
                self._queue(row, level)
                if row.dead or not steady or key not in self.index_keys:
                    self.index_keys.put(key, self._names(row, level))
        for key in self.held:
            self._queue(self.rows[key])

    @property
    def replaying(self) -> bool:
        """Whether some row reflects this offset already: then all that was said of it has been acknowledged."""
        return self.offset <= self.known

    def savepoint(self, work: Callable[..., None], *arguments: Any) -> Exception | None:
        """Do all of `work` or nothing (rows, births, outputs, deadlines); what it raised is returned."""
        mark, emitted = len(self.undo), len(self.out)
        self._opened.append({})
        try:
            work(*arguments)
        except Broken:
            raise
        except Exception as why:  # noqa: BLE001 whatever fails, the work has not happened
            self._opened.pop()
            del self.out[emitted:]
            self._roll_back(mark)
            return why
        done = self._opened.pop()
        for name, keys in done.items():
            self._opened[-1].setdefault(name, set()).update(keys)
        return None

    def open(self, key: str) -> Row[Any] | None:
        """The row, for writing; None when the store already holds it at or past this offset, on a replay."""
        row = self.rows.get(key)
        if row is not None and row.seen >= self.offset:
            return None
        name, of_level = level_name(key), self._opened[-1]
        opened = of_level.get(name)
        if opened is None:
            opened = of_level[name] = set()
        elif row is not None and key in opened:
            self._revive(row)
            return row
        if row is None:
            row = self.rows[key] = Row(key, self._levels[name].blank(), born=self.offset)
            self.undo.append((key, partial(self.rows.pop, key)))
        else:
            self.undo.append((key, partial(row.restore, row.memory())))
            if not self._revive(row) and self._levels[name].copied and row.value is not None:
                row.value = row.value.copy()
        opened.add(key)
        return row

    def opened(self, level: str) -> frozenset[str]:
        """The keys of a level's rows that this input, or the savepoint in hand, has opened so far."""
        return frozenset(self._opened[-1].get(level, ()))

    def newer(self, key: str) -> bool:
        """Whether the store holds the row at or past this offset: what reads it was done then, if it was to be."""
        row = self.rows.get(key)
        return row is not None and row.seen >= self.offset

    def get(self, level: Level[V], owner: str) -> V | None:
        """What an owner's row of a level holds; None where there is none, or none that lives."""
        row = self.rows.get(level.key(owner))
        return None if row is None or row.dead else row.value

    def mark_deleted(self, row: Row[Any]) -> None:
        """End an open row: it is marked at the next write-out and its tombstone follows at a later one."""
        row.dead, row.deadline, row.quarantine = True, None, None
        row.value = self.level_of(row.key).blank()

    def scan_sorted(self, name: str, first: str = "", last: str = END) -> Iterator[Row[Any]]:
        """Living rows under a name, a level's or of an index, sorted, since the order of a set changes at a restart.

        Their keys begin with `first` and end before `last`.
        """
        if (first, last) == ("", END):
            keys = sorted(self._standing(name))
        else:
            touched, keys = self._touched(name), self.index_keys.between(name, first, last)
            now = {key for key in self._now(name, touched) if first <= key < last}
            keys = sorted(now.union(key for key in keys if key not in touched))
        for key in keys:
            yield self.rows[key]

    def scan(self, name: str) -> Iterator[Row[Any]]:
        """The same rows in no order, for what does not depend on it: half the cost where there are many."""
        return (self.rows[key] for key in self._standing(name))

    def count_rows(self, name: str) -> int:
        """How many rows stand under a name; costs what the input has touched."""
        touched, known = self._touched(name), self.index_keys.get(name)
        return len(known) - len(known & touched) + len(self._now(name, touched))

    def _standing(self, name: str) -> set[str] | frozenset[str]:
        """The keys under a name; those that the input has touched have not been put away yet."""
        touched, known = self._touched(name), self.index_keys.get(name)
        return known if not touched else (known - touched) | self._now(name, touched)

    def _touched(self, name: str) -> set[str] | frozenset[str]:
        """The rows of the name's level that the input has opened: no others can stand under it."""
        level = level_name(name)
        return NOTHING.union(*(of_level[level] for of_level in self._opened if level in of_level))

    def _now(self, name: str, touched: set[str] | frozenset[str]) -> set[str]:
        """Which of these rows stand under a name as they are now."""
        return {key for key in touched if key in self.rows and name in self._names_now(self.rows[key])}

    def _names_now(self, row: Row[Any]) -> tuple[str, ...]:
        """The same as `_names`, derived once an input from a value that is replaced and never changed."""
        known = self._derived.get(row.key)
        if known is None or known[0] is not row.value or known[1] is not row.dead:
            known = row.value, row.dead, self._names(row)
            if not hasattr(row.value, "copy"):
                self._derived[row.key] = known
        return known[2]

    def _names(self, row: Row[Any], level: Level[Any] | None = None) -> tuple[str, ...]:
        """Under which names a row is looked for: its level's, and what its value and key say."""
        if row.dead:
            return ()
        level = level or self.level_of(row.key)
        more = () if row.value is None else level.index(row.value)
        return (level.name, *[f"{level.name}/{name}" for name in more], *self.more_names(row))

    def more_names(self, row: Row[Any]) -> tuple[str, ...]:  # noqa: ARG002 a stage knows what it looks for
        """Further names that a stage knows; where what it derives them from changes, it clears `_derived`."""
        return ()

    def snapshot(self) -> list[tuple[str, bytes | None]]:
        """Changed rows, most downstream first, the head last; synchronous, so a consistent cut. None: a tombstone."""
        changed = sorted(self.changed.values(), key=lambda row: row.key)
        gone = sorted(k for k in self.dying if k not in self.changed and self.rows[k].seen <= self.written)
        self.changed, self.written = {}, self.head.seen
        self.dying = self.dying.difference(gone) | {row.key for row in changed if row.dead}
        by_level: dict[str, list[tuple[str, bytes | None]]] = {level.name: [] for level in self.levels}
        for row in changed:
            by_level[level_name(row.key)].append((row.key, row.encode(self.level_of(row.key))))
        for key in gone:
            by_level[level_name(key)].append((key, None))
            del self.rows[key]
        written = [pair for level in reversed(self.levels) for pair in by_level[level.name]]
        return [*written, (HEAD_KEY, self.head.encode(HEAD))]

    def rolled_back(self, keys: set[str]) -> None:
        """These rows were restored: what is derived from them may have to be rebuilt."""

    def _revive(self, row: Row[Any]) -> bool:
        """Let a dead row begin a new life under its key; whether it was dead.

        Its outputs get new names: those of its birth, or where it was born by this very input, the next ones.
        """
        if not row.dead:
            return False
        row.sent = row.sent if row.born == self.offset else 0
        row.dead, row.value, row.born = False, self.level_of(row.key).blank(), self.offset
        return True

    def _roll_back(self, mark: int) -> None:
        touched: set[str] = set()
        while len(self.undo) > mark:
            key, undo = self.undo.pop()
            touched.add(key)
            undo()
        for key in touched & self.rows.keys():
            self._queue(self.rows[key])
        if touched:
            self.rolled_back(touched)

    def _queue(self, row: Row[Any], level: Level[Any] | None = None) -> None:
        if row.deadline is not None and row.deadline != row.queued:
            row.queued = row.deadline
            heap = self.calendar if (level or self.level_of(row.key)).wall else self.heap
            heappush(heap, (row.deadline, row.key))
