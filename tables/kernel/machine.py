"""The law of state: one deterministic machine per partition, `apply(offset, stamp, bytes) -> outputs`.

Everything that a machine needs is a message in its log. Each row carries the highest offset that it reflects,
so an input applied twice changes nothing. `snapshot` gives the changed rows most downstream first and the head
last, and whoever writes them in that order may be killed anywhere in between: the replay that follows meets
either the old row or the new one, never a new cause with an old effect. (docs/law-of-state.md tells why.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from heapq import heappop
from typing import Any, ClassVar

import msgspec
import orjson

from streams.documents.document import PLATFORM
from streams.errors import Forged, Gap, NewerSchema, Refused
from streams.messages.dead_letter import dead_letter_reason
from streams.messages.envelope import Body, Message, decode, kind_of
from streams.messages.tick import Tick
from streams.messages.verdict import Verdict, Verdicts
from streams.signature import OPEN, Signer, bound
from streams.telemetry.reserved_source import is_recording
from streams.topics import DEAD_LETTER, INBOX, STAGES
from tables.kernel import alarm
from tables.kernel.clock import Moment
from tables.kernel.level import Level
from tables.kernel.output import Output
from tables.kernel.row import Quarantine, Row
from tables.kernel.row_store import FENCE, HEAD, HEAD_KEY, RowStore

__all__ = ["FENCE", "HEAD", "HEAD_KEY", "Machine"]
QUIET = 3_600_000  # ms on the active clock without a new dead letter that end our alert about them


class DeadLetterAlarm(msgspec.Struct, frozen=True):
    """When our own alert about dead letters is over, ms on the active clock."""

    quiet_at: int


ALARM = Level("alarm", DeadLetterAlarm, deadline=lambda pending: pending.quiet_at)  # most downstream of all
ALARM_KEY = ALARM.key("dead-letters")


class Machine(RowStore):
    """What every stage shares; a stage adds an `on_<kind>` for each message, `on_deadline`, and its levels."""

    stage: ClassVar[str]
    reads: ClassVar[Mapping[str, type[Message]]]  # internal ones by kind; handlers read what is OPEN
    entry: ClassVar[Level[Any]]  # the level that every keyed message opens first
    load: Callable[[bytes], Any] = staticmethod(orjson.loads)  # JSON; a stage may know a quicker way

    def __init__(self, name: str, signer: Signer, stored: Iterable[tuple[str, bytes]] = ()) -> None:
        """`name`: stage and partition, part of dead letters' ids; `stored`: rows as the changelog has them."""
        self.name, self.signer = name, signer
        super().__init__(stored)
        self.compile()

    def begin(self, offset: int) -> None:
        """Turn to the next input."""
        super().begin(offset)
        self._moment: Moment | None = None  # until a step asks, and again once the clock has moved

    def apply(self, offset: int, stamp: int, raw: bytes) -> list[Output]:
        """All effects of one input and what it says; `stamp`: ms UTC. Gap where an offset is missing."""
        if offset <= self.head.seen:
            return []
        if offset != self.head.seen + 1:
            raise Gap(self.name, self.head.seen + 1, offset)
        self.begin(offset)
        self.head.seen = offset
        self.clock.record(stamp)
        self._moment = None
        kind: list[str] = []
        if why := self.savepoint(self._dispatch, raw, kind):
            self.dead_letter("", why, kind[0] if kind else "")
        self.after_input(kind[0] if kind else "")
        self.settle()
        return self.out

    @property
    def moment(self) -> Moment:
        """The present input's place in the log and on both clocks."""
        if self._moment is None:
            self._moment = self.clock.moment(self.offset)
        return self._moment

    # For a stage's handlers --------------------------------------------------------------------------------

    def open_entry_row(self, owner: str) -> Row[Any] | None:
        """The entry row of a keyed message, opened first and always; None: the message was applied in full before."""
        return self.open(self.entry.key(owner))

    def next_id(self, row: Row[Any]) -> str:
        """The id of the next message that a row decides.

        Never of a row upstream of the one that decided: on a replay the decision may be behind us, the counter not.
        """
        id = f"{self.stage}/{row.key}@{row.born}.{row.sent}"
        row.sent += 1
        return id

    def emit(self, topic: str, key: str, message: Message) -> None:
        """Send one signed message; its id derives from the row, or the cause, that decided it."""
        self.out.append(Output(topic, key, message.id, self.signer.sign(message.encode(), topic)))

    def dead_letter(self, what: str, why: Exception, kind: str = "") -> None:
        """Send the input to the dead-letter topic, whole, with the reason and whose fault; once for each `what`."""
        id = f"{self.name}!{self.offset}!{what}"
        if any(output.id == id for output in self.out):
            return
        fault = "sender" if isinstance(why, Refused) else "ours"
        reason = str(why) if isinstance(why, Refused) else f"{type(why).__name__}: {why}"
        code = dead_letter_reason(why)
        self.out.append(Output(DEAD_LETTER, "", id, b"", f"{fault}: {reason}", code))
        if kind not in OPEN or fault == "ours":
            self.alarm(what or kind or "message", reason)

    # What a stage supplies ---------------------------------------------------------------------------------

    def compile(self) -> None:
        """Rebuild whatever is derived from rows and not stored."""

    def on_deadline(self, row: Row[Any]) -> None:
        """A due row acts; it has been opened."""

    def after_input(self, kind: str) -> None:
        """A stage may act once an input of a kind has been taken in whole."""

    @property
    def may_emit(self) -> bool:
        """Whether anybody may be told anything now."""
        return True

    def alarm(self, what: str, reason: str) -> None:
        """Tell the platform team that an input of ours, or a row, failed; after the last of them it ends by itself."""
        words = f"{self.stage} could not handle {what}: {reason}"[:500]
        verdict = alarm.dead_letter(self.name, self.offset + 1, self.clock.now, words)
        self._report_ourselves(f"{what}!alarm", verdict)
        if (row := self.open(ALARM_KEY)) is not None:
            row.value = DeadLetterAlarm(self.clock.active + QUIET)

    def _calm(self, row: Row[Any]) -> None:
        verdict = alarm.quiet(self.name, self.offset + 1, self.clock.now, QUIET)
        self._report_ourselves("quiet", verdict)
        self.mark_deleted(row)

    def _report_ourselves(self, what: str, verdict: Verdict) -> None:
        id, why = f"{self.name}!{self.offset}!{what}", "watches Tocsin itself"
        message = Verdicts(id=id, at=self.clock.now, verdicts=[verdict], team=PLATFORM, why_team=why)
        self.emit(INBOX, PLATFORM, message)

    # What every stage understands --------------------------------------------------------------------------

    def on_tick(self, tick: Tick) -> None:
        """Time passes: the active clock advances, and due rows act, each with its own savepoint."""
        if tick.to not in ("", self.name):
            raise Forged(f"a tick for {tick.to} reached {self.name}: somebody has copied it")
        self.clock.tick(tick.processed)
        self._moment = None
        self._fire(self.calendar)  # what begins or ends by the calendar holds for all else that is due
        self._fire(self.heap)

    def _fire(self, heap: list[tuple[int, str]]) -> None:
        while heap and heap[0][0] <= self._clock_of(heap[0][1]):
            deadline, key = heappop(heap)
            if not self._is_due(key, deadline):
                continue  # a stale entry: the deadline has moved
            if self.newer(key) or (self.level_of(key).emits and not self.may_emit):
                self.held.append(key)  # its time comes again at a later tick
            else:
                self.act(key)

    def _clock_of(self, key: str) -> int:
        """What the clock shows that a row's deadline is compared with."""
        return self.clock.now if self.level_of(key).wall else self.clock.active

    def act(self, key: str, work: Callable[[str], None] | None = None) -> None:
        """Let one row act now, or do a part of its work; it acts alone.

        Where it fails it waits in quarantine, with the reason, and stops nobody else.
        """
        if why := self.savepoint(work or self._due, key):
            row = self.open(key)
            if row is None:
                return
            tries = (row.quarantine.tries if row.quarantine else 0) + 1
            retry_at = self._clock_of(key) + 1_000 * min(2**tries, 60)
            row.quarantine = Quarantine(tries, f"{type(why).__name__}: {why}", retry_at)
            row.settle(self.level_of(key))  # at once: else it would be due again in this very tick, for ever
            self.dead_letter(key, why, "row")

    def _is_due(self, key: str, deadline: int) -> bool:
        row = self.rows.get(key)
        if row is None:
            return False
        row.queued = None if row.queued == deadline else row.queued
        return row.deadline == deadline

    def _due(self, key: str) -> None:
        row = self.open(key)
        if row is None:
            return
        if self.level_of(key).deadline is None:
            row.deadline = None
        self._calm(row) if key == ALARM_KEY else self.on_deadline(row)
        row.quarantine = None
        row.settle(self.level_of(key))
        if row.deadline is not None and row.deadline <= self._clock_of(key):
            raise ValueError("a deadline that does not advance")

    def _dispatch(self, raw: bytes, kinds: list[str]) -> None:
        kind = kind_of(raw)
        if kind in self.reads:
            kinds.append(kind)
            self.signer.verify(raw, bound(kind, STAGES[self.stage]))
            getattr(self, f"on_{kind}")(self.reads[kind].parse(raw))
        else:
            self._dispatch_foreign(self._decoded_body(raw), raw, kinds)

    def _dispatch_foreign(self, body: Body, raw: bytes, kinds: list[str]) -> None:
        """Hand on what outside producers may say, in whatever order their fields stand."""
        kind = body["kind"]
        kinds.append(kind)
        if kind in self.reads:
            self.signer.verify(raw, bound(kind, STAGES[self.stage]))
            getattr(self, f"on_{kind}")(self.reads[kind].read(body))
            return
        handler = getattr(self, "on_" + kind, None) if kind in OPEN else None
        if handler is None:
            raise Refused(f"{self.stage} does not understand messages of kind {kind!r:.60}")
        self.signer.admit(raw, str(body.get("gateway")), reserved=is_recording(body.get("source")))
        handler(body)

    def _decoded_body(self, raw: bytes) -> Body:
        try:
            return decode(raw, self.load)
        except NewerSchema as newer:
            if why := self.savepoint(self.signer.verify, raw, STAGES[self.stage]):
                raise Refused(f"{newer} ({why})") from None  # an outsider's message stops nobody
            raise
