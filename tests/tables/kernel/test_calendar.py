"""Deadlines that are instants: they come by the calendar, also where a machine was away, and before all else."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from streams.messages.tick import Tick
from streams.signature import Signer
from streams.topics import STAGES
from tables.kernel.level import Level, level_name
from tables.kernel.machine import ALARM, HEAD
from tables.kernel.row import AnyRow
from tables.respond.levels import TEAM
from tables.respond.machine import Respond
from tables.world import KEY

START = 1_764_547_200_000


class Due(msgspec.Struct, frozen=True):
    """A row that is due once."""

    at: int | None = None


CALENDAR = Level("calendar", Due, lambda due: due.at, wall=True)
ACTIVE = Level("active", Due, lambda due: due.at)


class Waiting(Respond):
    """A machine whose rows note when they act, on both clocks; one fails the first time."""

    levels: ClassVar[Any] = (HEAD, TEAM, CALENDAR, ACTIVE, ALARM)

    def __init__(self) -> None:
        """Nothing has acted."""
        self.acted: list[tuple[str, int]] = []
        super().__init__("respond-0", Signer([KEY]))

    def compile(self) -> None:
        """It has no documents."""
        self.documents, self.deleted = {}, {}

    def after_input(self, kind: str) -> None:
        """Nothing follows."""

    def on_deadline(self, row: AnyRow) -> None:
        """Note it; a row named `fails` fails until it has been tried twice."""
        if row.key.endswith("fails") and (row.quarantine is None or row.quarantine.tries < 2):
            raise RuntimeError("poison")
        self.acted.append((level_name(row.key), self.clock.now - START))
        row.value = Due()

    def pass_time(self, to: int) -> None:
        """A tick."""
        raw = Tick(id=f"t{to}", at=START + to, processed=START + to).encode()
        self.apply(self.head.seen + 1, START + to, Signer([KEY]).sign(raw, STAGES["respond"]))

    def wait_for(self, name: str, at: int) -> None:
        """Call a row into being outside of any input, as a write-out would have left it."""
        row = self.open(name)
        assert row is not None
        row.value = Due(at)
        self.settle()


def test_an_instant_comes_although_nobody_watched() -> None:
    """After an hour away a row of the calendar is due at the first tick, one on the active clock is not."""
    machine = Waiting()
    machine.pass_time(0)
    machine.wait_for("calendar/a", START + 60_000)
    machine.wait_for("active/a", 60_000)
    machine.pass_time(3_600_000)
    assert machine.acted == [("calendar", 3_600_000)]


def test_the_calendar_comes_first() -> None:
    """What begins by the calendar holds for what is due in the same tick, whichever waited for longer."""
    machine = Waiting()
    machine.pass_time(0)
    machine.wait_for("active/a", 2_000)
    machine.wait_for("calendar/z", START + 9_000)
    machine.pass_time(10_000)
    assert machine.acted == [("calendar", 10_000), ("active", 10_000)]


def test_one_that_fails_is_tried_again_by_the_calendar() -> None:
    """Its quarantine ends at an instant too."""
    machine = Waiting()
    machine.pass_time(0)
    machine.wait_for("calendar/fails", START + 1_000)
    for second in range(1, 10):
        machine.pass_time(1_000 * second)
    assert machine.acted == [("calendar", 7_000)]
