"""A small machine with every feature that the law of state is about, for tests of the shell alone.

It counts events. Level 2 is the entry row of a gateway, level 3 a counter for each of its event types, level 4 a
window for each counter, which has a deadline and says how much was counted. An endpoint document of the type's
name doubles what an event counts, so that configuration matters. It runs as `detect` and, on what that one
says, as `respond`.
"""

from __future__ import annotations

from typing import ClassVar

from streams.errors import Refused
from streams.messages.change import Change
from streams.messages.envelope import Body
from streams.messages.event import Event
from streams.messages.receipt import Receipt
from streams.topics import CHANGES, INBOX
from tables.kernel.configuration import Configured
from tables.kernel.machine import Machine
from tables.kernel.row import Row

WINDOW = 2_000  # ms on the attended clock


class Tally(Configured):
    """What both stages share."""

    levels = ("head", "config", "entry", "counter", "window")
    kinds = ("endpoint",)

    def count(self, owner: str, what: str, cause: str) -> None:
        """One event of one owner."""
        entry = self.enter(owner)
        if entry is None:
            return
        entry.value = entry.value | {"n": entry.value.get("n", 0) + 1}
        counter = self.open(f"3/{owner}/{what}")
        if counter is None:
            return
        counter.value = counter.value | {
            "count": counter.value.get("count", 0) + self.weight(what),
            "entry": entry.value["n"],
        }
        window = self.open(f"4/{owner}/{what}")
        if window is None:
            return
        window.value = window.value | {"id": cause, "poison": what == "poison"}
        if window.wake is None:
            window.wake = self.clock.attended + WINDOW
            self.tell(window, owner, "opened", counter.value["count"])

    def weight(self, what: str) -> int:
        """Two where a document names the type, else one."""
        return 1 + any(document.name == what for document in self.of("endpoint"))

    def fire(self, row: Row) -> None:
        """A window ends: it says the count, and dies when its counter has grown large."""
        _, owner, what = row.key.split("/")
        if row.value["poison"]:
            raise ValueError("poison")
        count = self.rows[f"3/{owner}/{what}"].value["count"]
        self.tell(row, owner, "closed", count)
        if count % 3 == 0:
            self.kill(row)

    def tell(self, row: Row, owner: str, what: str, count: int) -> None:
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
        self.count(event.gateway, event.type, event.id)

    def tell(self, row: Row, owner: str, what: str, count: int) -> None:
        """A receipt is as good a message as any."""
        self.say(
            row,
            INBOX,
            owner,
            Receipt,
            team=owner,
            group=row.key,
            to="nobody",
            notification=str(count),
            result="delivered",
            what=what,
            reason="counted",
        )


class Respond(Tally):
    """Counts what `detect` said and writes the memory of the product."""

    stage: ClassVar[str] = "respond"

    def on_receipt(self, message: Body) -> None:
        """One more of what it says."""
        receipt = Receipt.read(message)
        self.count(receipt.team, receipt.what, receipt.id)

    def on_verdicts(self, message: Body) -> None:
        """An alarm of a machine's counts too."""
        self.count(message["team"], "alarm", message["id"])

    def tell(self, row: Row, owner: str, what: str, count: int) -> None:
        """A change of an alert's that does not exist."""
        self.say(
            row,
            CHANGES,
            owner,
            Change,
            team=owner,
            subject="alert",
            subject_id=row.key,
            what=what,
            reason=str(count),
        )


MACHINES: dict[str, type[Machine]] = {"detect": Detect, "respond": Respond}
