"""The law of state: one deterministic machine per partition, `apply(offset, stamp, bytes) -> outputs`.

Everything that a machine needs is a message in its log. Each row carries the highest offset that it reflects,
so an input applied twice changes nothing. `snapshot` gives the changed rows most downstream first and the head
last, and whoever writes them in that order may be killed anywhere in between: the replay that follows meets
either the old row or the new one, never a new cause with an old effect. (docs/law-of-state.md tells why.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import heappop
from typing import Any, ClassVar

import orjson

from streams.documents.document import PLATFORM
from streams.errors import Forged, Gap, NewerSchema, Refused
from streams.messages.envelope import Body, decode
from streams.messages.said import Said, Tick, Verdict, Verdicts
from streams.signature import OPEN, Signer, bound
from streams.topics import DEAD_LETTER, INBOX, STAGES
from tables.kernel import alarm
from tables.kernel.output import Output
from tables.kernel.row import Row
from tables.kernel.row_store import FENCE, HEAD, Memory

__all__ = ["FENCE", "HEAD", "Machine"]
Handler = Callable[[Body], None]
ALARM = "9/!alarm"  # most downstream of all: when our own alert about dead letters is over
QUIET = 3_600_000  # attended ms without a new one, after which it is


class Machine(Memory):
    """What every stage shares; a stage adds `on_<kind>` handlers, `fire` for due rows, and its levels."""

    stage: ClassVar[str]
    load: Callable[[bytes], Any] = staticmethod(orjson.loads)  # JSON; a stage may know a quicker way
    levels: ClassVar[tuple[str, ...]]  # names, upstream first; a row's key begins with its level's number

    def __init__(self, name: str, signer: Signer, stored: Iterable[tuple[str, bytes]] = ()) -> None:
        """`name`: stage and partition, part of dead letters' ids; `stored`: rows as the changelog has them."""
        self.name, self.signer = name, signer
        super().__init__(stored)
        self.compile()

    def apply(self, offset: int, stamp: int, raw: bytes) -> list[Output]:
        """All effects of one input and what it says; `stamp`: ms UTC. Gap where an offset is missing."""
        if offset <= self.head.seen:
            return []
        if offset != self.head.seen + 1:
            raise Gap(self.name, self.head.seen + 1, offset)
        self.begin(offset)
        self.head.seen = offset
        self.clock.record(stamp)
        kind: list[str] = []
        if why := self.unit(self._dispatch, raw, kind):
            self.bury("", why, kind[0] if kind else "")
        self.taken(kind[0] if kind else "")
        self.settle()
        return self.out

    # For a stage's handlers --------------------------------------------------------------------------------

    def enter(self, owner: str) -> Row | None:
        """The entry row of a keyed message, opened first and always; None: the message was applied in full before."""
        return self.open(f"2/{owner}")

    def say(self, row: Row, topic: str, key: str, kind: type[Said], **fields: Any) -> str:
        """Send one message whose id derives from the row that decided it; the id is returned.

        Never from a row upstream of the one that decided: on a replay the decision may be behind us, the counter not.
        """
        id = f"{self.stage}/{row.key}@{row.born}.{row.sent}"
        row.sent += 1
        return self.send(topic, key, kind, id, **fields)

    def send(self, topic: str, key: str, kind: type[Said], id: str, **fields: Any) -> str:
        """Send one message under an id that its cause gives it."""
        raw = kind(id=id, at=fields.pop("at", self.clock.now), **fields).encode()
        self.out.append(Output(topic, key, id, self.signer.sign(raw, topic)))
        return id

    def bury(self, what: str, why: Exception, kind: str = "") -> None:
        """Send the input to the dead-letter topic, whole, with the reason and whose fault; once for each `what`."""
        id = f"{self.name}!{self.offset}!{what}"
        if any(output.id == id for output in self.out):
            return
        fault = "sender" if isinstance(why, Refused) else "ours"
        reason = str(why) if isinstance(why, Refused) else f"{type(why).__name__}: {why}"
        self.out.append(Output(DEAD_LETTER, "", id, b"", f"{fault}: {reason}"))
        if kind not in OPEN or fault == "ours":
            self.alarm(what or kind or "message", reason)

    # What a stage supplies ---------------------------------------------------------------------------------

    def compile(self) -> None:
        """Rebuild whatever is derived from rows and not stored."""

    def fire(self, row: Row) -> None:
        """A due row acts; it has been opened and its deadline cleared."""

    def taken(self, kind: str) -> None:
        """A stage may act once an input of a kind has been taken in whole."""

    def alarm(self, what: str, reason: str) -> None:
        """Tell the platform team that an input of ours, or a row, failed; after the last of them it ends by itself."""
        words = f"{self.stage} could not handle {what}: {reason}"[:500]
        self._tell_of_us(
            f"{what}!alarm", alarm.dead_letter(self.name, self.offset + 1, self.clock.now, words)
        )
        if (row := self.open(ALARM)) is not None:
            row.wake = self.clock.attended + QUIET

    def _calm(self, row: Row) -> None:
        self._tell_of_us("quiet", alarm.quiet(self.name, self.offset + 1, self.clock.now, QUIET))
        self.kill(row)

    def _tell_of_us(self, what: str, said: Verdict) -> None:
        id, why = f"{self.name}!{self.offset}!{what}", "watches Tocsin itself"
        verdicts = Verdicts(id=id, at=self.clock.now, verdicts=[said], team=PLATFORM, why_team=why)
        self.out.append(Output(INBOX, PLATFORM, id, self.signer.sign(verdicts.encode(), INBOX)))

    # What every stage understands --------------------------------------------------------------------------

    def on_tick(self, message: Body) -> None:
        """Time passes: the attended clock advances, and due rows fire, each with its own savepoint."""
        said = Tick.read(message)
        if said.to not in ("", self.name):
            raise Forged(f"a tick for {said.to} reached {self.name}: somebody has copied it")
        self.clock.tick(said.processed)
        while self.heap and self.heap[0][0] <= self.clock.attended:
            wake, key = heappop(self.heap)
            if not self._popped(key, wake):
                continue  # a stale entry: the deadline has moved
            if self.newer(key):
                self.held.append(key)  # its time comes again at a later tick
            else:
                self.wake(key)

    def wake(self, key: str, work: Callable[[str], None] | None = None) -> None:
        """Fire one row now, or let it do a part of its work; it acts alone.

        Where it fails it waits in quarantine, with the reason, and stops nobody else.
        """
        if why := self.unit(work or self._due, key):
            row = self.open(key)
            if row is None:
                return
            tries = (row.failed[0] if row.failed else 0) + 1
            row.failed = [tries, f"{type(why).__name__}: {why}"]
            row.wake = self.clock.attended + 1_000 * min(2**tries, 60)
            self.bury(key, why, "row")

    def _popped(self, key: str, wake: int) -> bool:
        row = self.rows.get(key)
        if row is None:
            return False
        row.queued = None if row.queued == wake else row.queued
        return row.wake == wake

    def _due(self, key: str) -> None:
        row = self.open(key)
        if row is None:
            return
        row.wake = None
        self._calm(row) if key == ALARM else self.fire(row)
        row.failed = None
        if self._overdue(row):
            raise ValueError("a deadline that does not advance")

    def _overdue(self, row: Row) -> bool:
        return row.wake is not None and row.wake <= self.clock.attended

    def _dispatch(self, raw: bytes, kind: list[str]) -> None:
        message = self._decoded(raw)
        kind.append(message["kind"])
        handler: Handler | None = getattr(self, "on_" + message["kind"].replace("-", "_"), None)
        if handler is None:
            raise Refused(f"{self.stage} does not understand messages of kind {message['kind']!r:.60}")
        if message["kind"] in OPEN:
            self.signer.admit(raw, str(message.get("gateway")))
        else:
            self.signer.verify(raw, bound(message["kind"], STAGES[self.stage]))
        handler(message)

    def _decoded(self, raw: bytes) -> Body:
        try:
            return decode(raw, self.load)
        except NewerSchema as newer:
            if why := self.unit(self.signer.verify, raw, STAGES[self.stage]):
                raise Refused(f"{newer} ({why})") from None  # an outsider's message stops nobody
            raise
