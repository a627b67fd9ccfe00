"""The law of state: one deterministic machine per partition, `apply(offset, stamp, bytes) -> outputs`.

Everything that a machine needs is a message in its log. A row of level n reads only rows of levels
below n; each carries the highest offset that it reflects, so an input applied twice changes nothing.
`snapshot` gives the changed rows most downstream first and the head last, and whoever writes them in that
order may be killed anywhere in between: the replay that follows meets either the old row or the new one,
never a new cause with an old effect. (docs/law-of-state.md tells why, step by step.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import heappop, heappush
from typing import Any, ClassVar

from streams.document import PLATFORM
from streams.errors import Broken, Gap, Refused
from streams.message import Body, decode
from streams.said import Said, Tick, Verdicts
from streams.signature import OPEN, Signer
from streams.topics import DEAD_LETTER, INBOX
from tables import alarm
from tables import row as rows
from tables.clock import Clock
from tables.output import Output
from tables.row import Columns, Row

HEAD = "0/head"
FENCE = "!fence"  # a changelog record that closes the partition to older owners; never a row
Handler = Callable[[Body], None]


class Machine:
    """What every stage shares; a stage adds `on_<kind>` handlers, `fire` for due rows, and its levels."""

    stage: ClassVar[str]
    levels: ClassVar[tuple[str, ...]]  # names, upstream first; a row's key begins with its level's index
    codecs: ClassVar[Mapping[str, type[Columns]]] = {}  # by level, where rows are columnar

    def __init__(self, name: str, signer: Signer, stored: Iterable[tuple[str, bytes]] = ()) -> None:
        """`name`: stage and partition, part of dead letters' ids; `stored`: rows as the changelog has them."""
        self.name, self.signer = name, signer
        self.rows = {key: rows.decode(key, raw, self.codecs.get(key[0])) for key, raw in stored if key[0] != "!"}
        self.head = self.rows.setdefault(HEAD, Row(HEAD, {}))
        self.clock = Clock(**self.head.value)
        self.heap: list[tuple[int, str]] = []
        for row in self.rows.values():
            self._queue(row)
        self.dirty: dict[str, Row] = {}
        self.dying = {key for key, row in self.rows.items() if row.dead}
        self.written = self.head.seen  # what the last complete write-out held: a death newer than that is not yet final
        self.offset, self.out = self.head.seen, []
        self.undo: list[tuple[Row, tuple[Any, ...] | None]] = []
        self.fresh: list[set[str]] = [set()]
        self.held: list[tuple[int, str]] = []
        self.known = max(row.seen for row in self.rows.values())
        self.compile()

    out: list[Output]

    @property
    def replaying(self) -> bool:
        """Whether some row reflects this offset already: then all that was said of it has been acknowledged."""
        return self.offset <= self.known

    def apply(self, offset: int, stamp: int, raw: bytes) -> list[Output]:
        """All effects of one input and what it says; `stamp`: ms UTC. Gap where an offset is missing."""
        if offset <= self.head.seen:
            return []
        if offset != self.head.seen + 1:
            raise Gap(self.name, self.head.seen + 1, offset)
        self.offset, self.out, self.undo, self.fresh, self.held = offset, [], [], [set()], []
        self.head.seen = offset
        self.clock.record(stamp)
        kind: list[str] = []
        if why := self.unit(self._dispatch, raw, kind):
            self.bury("", why, kind[0] if kind else "")
        self._settle()
        return self.out

    def unit(self, work: Callable[..., None], *arguments: Any) -> Exception | None:
        """A savepoint: all effects of `work` or none (rows, births, outputs, deadlines); what it raised is returned."""
        mark, said = len(self.undo), len(self.out)
        self.fresh.append(set())
        try:
            work(*arguments)
        except Broken:
            raise
        except Exception as why:
            self.fresh.pop()
            del self.out[said:]
            self._roll_back(mark)
            return why
        done = self.fresh.pop()
        self.fresh[-1] |= done
        return None

    def open(self, key: str) -> Row | None:
        """The row, for writing; None when the store already holds it at or past this offset, on a replay."""
        if self.newer(key):
            return None
        row = self.rows.get(key)
        if key in self.fresh[-1]:
            return row
        if row is None:
            row = self.rows[key] = Row(key, self.blank(key), born=self.offset)
            self.undo.append((row, None))
        else:
            self.undo.append((row, row.memory()))
            self._reopen(row)
        self.fresh[-1].add(key)
        return row

    def newer(self, key: str) -> bool:
        """Whether the store holds the row at or past this offset: what reads it has been done already, if ever it was to be."""
        row = self.rows.get(key)
        return row is not None and row.seen >= self.offset

    def enter(self, owner: str) -> Row | None:
        """The entry row of a keyed message, opened first and always; None: the message was applied in full before."""
        return self.open(f"2/{owner}")

    def kill(self, row: Row) -> None:
        """End an open row: it is marked at the next write-out and its tombstone follows at a later one."""
        row.dead, row.wake, row.value = True, None, self.blank(row.key)

    def say(self, row: Row, topic: str, key: str, kind: type[Said], **fields: Any) -> str:
        """Send one message whose id derives from the row that decided it; the id is returned.

        Never from a row upstream of the one that decided: on a replay the decision may be behind us, the counter not.
        """
        id = f"{row.key}@{row.born}.{row.sent}"
        row.sent += 1
        return self.send(topic, key, kind, id, **fields)

    def send(self, topic: str, key: str, kind: type[Said], id: str, **fields: Any) -> str:
        """Send one message under an id that its cause gives it."""
        raw = kind(id=id, at=fields.pop("at", self.clock.now), **fields).encode()
        self.out.append(Output(topic, key, id, self.signer.sign(raw)))
        return id

    def bury(self, what: str, why: Exception, kind: str = "") -> None:
        """Send the input to the dead-letter topic, whole, with the reason and whose fault it is; once for each `what`."""
        id = f"{self.name}!{self.offset}!{what}"
        if any(output.id == id for output in self.out):
            return
        fault = "sender" if isinstance(why, Refused) else "ours"
        reason = str(why) if isinstance(why, Refused) else f"{type(why).__name__}: {why}"
        self.out.append(Output(DEAD_LETTER, "", id, b"", f"{fault}: {reason}"))
        if kind not in OPEN or fault == "ours":
            self.alarm(what or kind or "message", reason)

    def snapshot(self) -> list[tuple[str, bytes | None]]:
        """Changed rows, most downstream first, the head last; synchronous, hence a consistent cut. None: a tombstone."""
        changed = sorted(self.dirty.values(), key=lambda row: (-int(row.key[0]), row.key))
        gone = sorted(key for key in self.dying if key not in self.dirty and self.rows[key].seen <= self.written)
        self.dirty, self.written = {}, self.head.seen
        self.dying = self.dying.difference(gone) | {row.key for row in changed if row.dead}
        written: list[tuple[str, bytes | None]] = [(row.key, row.encode()) for row in changed]
        for key in gone:
            written.append((key, None))
            del self.rows[key]
        written.sort(key=lambda pair: -int(pair[0][0]))
        self.head.value = self.clock.body()
        return [*written, (HEAD, self.head.encode())]

    def alive(self, prefix: str) -> Iterator[Row]:
        """Rows below a key prefix that are not dead, sorted, since the order of a dict changes at a restart."""
        for key in sorted(key for key in self.rows if key.startswith(prefix)):
            if not self.rows[key].dead:
                yield self.rows[key]

    # What a stage supplies ---------------------------------------------------------------------------------

    def blank(self, key: str) -> Any:
        """The value that a row of this key begins with."""
        codec = self.codecs.get(key[0])
        return {} if codec is None else codec()

    def compile(self) -> None:
        """Rebuild whatever is derived from rows and not stored."""

    def fire(self, row: Row) -> None:
        """A due row acts; it has been opened and its deadline cleared."""

    def alarm(self, what: str, reason: str) -> None:
        """Tell the platform team that an input of ours, or a row, failed; opens no row, so it cannot fail itself."""
        id = f"{self.name}!{self.offset}!{what}!alarm"
        words = f"{self.stage} could not handle {what}: {reason}"[:500]
        said = alarm.verdict("dead-letter", "tocsin", self.name, self.offset + 1, self.clock.now, words, "it is in the dead-letter topic")
        raw = Verdicts(id=id, at=self.clock.now, team=PLATFORM, why_team="watches Tocsin itself", verdicts=[said]).encode()
        self.out.append(Output(INBOX, PLATFORM, id, self.signer.sign(raw)))

    # What every stage understands --------------------------------------------------------------------------

    def on_tick(self, message: Body) -> None:
        """Time passes: the attended clock advances, and due rows fire, each with its own savepoint."""
        self.clock.tick(Tick.read(message).processed)
        self.ticked()
        while self.heap and self.heap[0][0] <= self.clock.attended:
            wake, key = heappop(self.heap)
            row = self.rows.get(key)
            if row is not None and row.queued == wake:
                row.queued = None
            if row is None or row.wake != wake:
                continue  # a stale entry: the deadline has moved
            if row.seen >= self.offset:
                self.held.append((wake, key))  # newer in the store: its time comes again at a later tick
            else:
                self.wake(key)

    def ticked(self) -> None:
        """A stage may act at every tick, before due rows fire."""

    def wake(self, key: str) -> None:
        """Fire one row now; where it fails it waits in quarantine, with the reason, and stops nobody else."""
        if why := self.unit(self._due, key):
            row = self.open(key)
            if row is None:
                return
            tries = (row.failed[0] if row.failed else 0) + 1
            row.failed = [tries, f"{type(why).__name__}: {why}"]
            row.wake = self.clock.attended + 1_000 * min(2**tries, 60)
            self.bury(key, why, "row")

    def _due(self, key: str) -> None:
        row = self.open(key)
        if row is None:
            return
        row.wake = None
        self.fire(row)
        row.failed = None
        if row.wake is not None and row.wake <= self.clock.attended:
            raise ValueError("a deadline that does not advance")

    # -----------------------------------------------------------------------------------------------------

    def _dispatch(self, raw: bytes, kind: list[str]) -> None:
        message = decode(raw)
        kind.append(message["kind"])
        handler: Handler | None = getattr(self, "on_" + message["kind"].replace("-", "_"), None)
        if handler is None:
            raise Refused(f"{self.stage} does not understand messages of kind {message['kind']!r:.60}")
        if message["kind"] not in OPEN:
            self.signer.verify(raw)
        handler(message)

    def _reopen(self, row: Row) -> None:
        if row.dead:  # a new life under the same key: its outputs get new names
            row.dead, row.born, row.sent, row.value = False, self.offset, 0, self.blank(row.key)
        else:
            row.value = row.value.copy()

    def _roll_back(self, mark: int) -> None:
        touched = len(self.undo) > mark
        while len(self.undo) > mark:
            row, memory = self.undo.pop()
            if memory is None:
                del self.rows[row.key]
                continue
            row.restore(memory)
            self._queue(row)
        if touched:
            self.rolled_back()

    def rolled_back(self) -> None:
        """Rows were restored: what is derived from them may have to be rebuilt."""
        self.compile()

    def _settle(self) -> None:
        for key in self.fresh[0]:
            row = self.dirty[key] = self.rows[key]
            row.seen = self.offset
            self.dying.discard(key)
            self._queue(row)
        for _, key in self.held:
            self._queue(self.rows[key])

    def _queue(self, row: Row) -> None:
        if row.wake is not None and row.wake != row.queued:
            row.queued = row.wake
            heappush(self.heap, (row.wake, row.key))
