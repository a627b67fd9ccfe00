"""A small machine with every feature that the law of state is about, for tests of the shell alone.

It counts events: an entry row for a gateway, a counter for each of its event types, and a window for each counter,
which has a deadline and says how much was counted. An endpoint document of the type's name doubles what an event
counts, so that configuration matters. It runs as `detect` and, on what that one says, as `respond`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from streams.errors import Refused
from streams.messages.change import Change
from streams.messages.config import ConfigRevision
from streams.messages.envelope import Body, Message
from streams.messages.event import Event
from streams.messages.receipt import Receipt
from streams.messages.tick import Tick
from streams.messages.verdict import Verdicts
from streams.topics import CHANGES, INBOX
from tables.kernel.configuration import CONFIG, Configured
from tables.kernel.level import Level, owner_of
from tables.kernel.machine import ALARM, HEAD, Machine
from tables.kernel.row import AnyRow

WINDOW_LENGTH = 2_000  # ms on the active clock


class Entry(msgspec.Struct, frozen=True):
    """How many events an owner had."""

    events: int = 0


class Counter(msgspec.Struct, frozen=True):
    """How much was counted of one type, and by how many events."""

    count: int = 0
    events: int = 0


class Window(msgspec.Struct, frozen=True):
    """When it says its count, or None once it has; `cause`: the event that opened or changed it."""

    ends_at: int | None
    cause: str
    poison: bool


ENTRY, COUNTER = Level("entry", Entry), Level("counter", Counter)
WINDOW = Level("window", Window, lambda window: window.ends_at)


class Tally(Configured):
    """What both stages share."""

    levels = (HEAD, CONFIG, ENTRY, COUNTER, WINDOW, ALARM)
    entry = ENTRY
    kinds = ("endpoint",)
    reads: ClassVar[Mapping[str, type[Message]]] = {
        "tick": Tick, "config": ConfigRevision, "receipt": Receipt, "verdicts": Verdicts,
    }  # fmt: skip

    def count_event(self, owner: str, what: str, cause: str) -> None:
        """One event of one owner."""
        entry = self.open_entry_row(owner)
        if entry is None:
            return
        entry.value = Entry((entry.value or Entry()).events + 1)
        counter = self.open(COUNTER.key(f"{owner}/{what}"))
        if counter is None:
            return
        known = counter.value or Counter()
        counter.value = Counter(known.count + self.weight(what), entry.value.events)
        window = self.open(WINDOW.key(f"{owner}/{what}"))
        if window is None:
            return
        running = window.value.ends_at if window.value else None
        ends_at = running or self.clock.active + WINDOW_LENGTH
        window.value = Window(ends_at, cause, what == "poison")
        if running is None:
            self.tell(window, owner, "opened", counter.value.count)

    def weight(self, what: str) -> int:
        """Two where a document names the type, else one."""
        return 1 + any(document.name == what for document in self.of("endpoint"))

    def on_deadline(self, row: AnyRow) -> None:
        """A window ends: it says the count, and dies when its counter has grown large."""
        owner = owner_of(row.key)
        if row.value.poison:
            raise ValueError("poison")
        counter = self.get(COUNTER, owner)
        assert counter is not None
        self.tell(row, owner.partition("/")[0], "closed", counter.count)
        row.value = Window(None, row.value.cause, poison=False)
        if counter.count % 3 == 0:
            self.mark_deleted(row)

    def tell(self, row: AnyRow, owner: str, what: str, count: int) -> None:
        """Say it to whoever comes next."""
        raise NotImplementedError


class Detect(Tally):
    """Counts the events of gateways and tells `respond`."""

    stage: ClassVar[str] = "detect"

    def on_event(self, message: Body) -> None:
        """An event of type `bad` is refused."""
        event = Event.read(message)
        if event.type == "bad":
            raise Refused("event: the type `bad` is what this test refuses")
        self.count_event(event.gateway, event.type, event.id)

    def tell(self, row: AnyRow, owner: str, what: str, count: int) -> None:
        """A receipt is as good a message as any; what it is about is said as its recipient."""
        self.emit(INBOX, owner, Receipt(
            id=self.next_id(row), at=self.clock.now, team=owner, group=row.key, to=what, notification=str(count),
            result="delivered", what="firing", reason="counted",
        ))  # fmt: skip


class Respond(Tally):
    """Counts what `detect` said and writes the memory of the product."""

    stage: ClassVar[str] = "respond"

    def on_receipt(self, receipt: Receipt) -> None:
        """One more of what it says."""
        self.count_event(receipt.team, receipt.to, receipt.id)

    def on_verdicts(self, verdicts: Verdicts) -> None:
        """An alarm of a machine's counts too."""
        self.count_event(verdicts.team, "alarm", verdicts.id)

    def tell(self, row: AnyRow, owner: str, what: str, count: int) -> None:
        """A change of an alert's that does not exist."""
        self.emit(CHANGES, owner, Change(
            id=self.next_id(row), at=self.clock.now, team=owner, subject="alert", subject_id=row.key, what=what,
            reason=str(count),
        ))  # fmt: skip


MACHINES: dict[str, type[Machine]] = {"detect": Detect, "respond": Respond}
