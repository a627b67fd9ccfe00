"""The life of a notification, walked entry by entry through the machine."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables.deliver.ledger import OVER, TRANSITIONS, Cause, Stand, pause
from tables.deliver.notification import PATIENCE

from streams.messages.attempt import Outcome
from streams.messages.config import ConfigRevision
from streams.messages.envelope import Message
from streams.messages.notification import Cancel, Notification
from streams.messages.tick import Tick
from streams.signature import Signer, bound
from streams.topics import NOTIFY
from tables.deliver.machine import LOG, Deliver
from tables.kernel.output import Output
from tables.kernel.row import Row
from tables.world import KEY

START = 1_764_547_200_000
USEFUL = 3_600_000


class Intent:
    """One notification to the log, in a machine that is configured and attending."""

    def __init__(self) -> None:
        self.machine, self.signer, self.now = Deliver("deliver-0", Signer([KEY])), Signer([KEY]), START
        self.out: list[Output] = []
        complete: dict[str, Any] = {"owner": "", "type": "", "name": "", "revision": 0, "body": None}
        self.tell(ConfigRevision(id="c", at=START, complete=True, **complete))
        self.tick()

    def tell(self, said: Message) -> None:
        """Apply one message, of which none may fail."""
        self.out = self.machine.apply(
            self.machine.head.seen + 1, self.now, self.signer.sign(said.encode(), bound(said.kind, NOTIFY))
        )
        assert [output.reason for output in self.out if output.reason] == []

    def tick(self, seconds: int = 0) -> None:
        """Let attended time pass."""
        for _ in range(seconds or 1):
            self.now += 1_000 if seconds else 0
            self.tell(Tick(id="t", at=self.now, processed=self.now))

    def ask(self) -> None:
        """The intent comes, and its first attempt goes out."""
        what: dict[str, Any] = {
            "what": "firing",
            "severity": "critical",
            "title": "t",
            "reason": "r",
            "step": 0,
        }
        to: dict[str, Any] = {"to": LOG, "team": "t", "group": "t/g", "count": 1, "lines": []}
        self.tell(Notification(id="n", at=self.now, deadline=self.now + USEFUL, **what, **to))

    def row(self) -> Row:
        """The ledger's row."""
        return next(self.machine.scan_sorted("3"))

    def report(self, result: Any, number: int | None = None) -> None:
        """An outcome of the newest attempt, or of another."""
        of = self.row().value["number"] if number is None else number
        self.tell(
            Outcome(id="o", at=self.now, to=LOG, notification="n", number=of, result=result, reason="so")
        )

    def cause(self, cause: Cause) -> None:
        """Let something happen to the notification."""
        row = self.row()
        if cause is Cause.CANCEL:
            self.tell(Cancel(id="x", at=self.now, to=LOG, group="t/g", reason="acknowledged"))
        elif cause is Cause.ATTEMPT:
            self.tick(6)
        elif cause is Cause.UNKNOWN:
            self.tick(PATIENCE // 1_000)
        elif cause is Cause.LATE and row.value["stand"] not in OVER:
            row.value["said"]["deadline"] = self.now
            self.tick(PATIENCE // 1_000)
        else:
            self.report(cause.value)


PATHS: dict[Stand, list[Cause]] = {
    Stand.TRYING: [],
    Stand.WAITING: [Cause.RETRY],
    Stand.DELIVERED: [Cause.DELIVERED],
    Stand.FAILED: [Cause.REJECTED],
    Stand.CANCELLED: [Cause.CANCEL],
}


@pytest.mark.parametrize(("stand", "cause"), list(product(Stand, Cause)), ids=str)
def test_every_move_is_in_the_table(stand: Stand, cause: Cause) -> None:
    """What the table says happens, and what it does not say does not."""
    intent = Intent()
    intent.ask()
    for step in PATHS[stand]:
        intent.cause(step)
    assert intent.row().value["stand"] == stand
    if (stand, cause) in ((Stand.WAITING, Cause.UNKNOWN), (Stand.TRYING, Cause.ATTEMPT)):
        return  # time alone: what comes of it is the next entry's claim
    intent.cause(cause)
    assert intent.row().value["stand"] == TRANSITIONS.get((stand, cause), stand)


@pytest.mark.parametrize("result", ["retry", "late", "rejected"])
def test_an_outcome_that_comes_too_late_changes_nothing(result: str) -> None:
    """When the next attempt is already waited for, only a delivery is news."""
    intent = Intent()
    intent.ask()
    intent.tick(PATIENCE // 1_000)
    assert intent.row().value["stand"] == Stand.WAITING
    intent.report(result)
    assert (intent.row().value["stand"], intent.out) == (Stand.WAITING, [])
    intent.report("delivered")
    assert intent.row().value["stand"] == Stand.DELIVERED


def test_an_outcome_of_an_older_attempt_is_no_news() -> None:
    """A refusal of the first attempt does not end the second one."""
    intent = Intent()
    intent.ask()
    intent.cause(Cause.RETRY)
    intent.tick(6)
    intent.report("rejected", 1)
    assert (intent.row().value["stand"], intent.row().value["number"]) == (Stand.TRYING, 2)


def test_a_duplicate_intent_is_one() -> None:
    """The same id a second time says nothing."""
    intent = Intent()
    intent.ask()
    assert [output.topic for output in intent.out] == ["send.log.critical", "changes"]
    intent.ask()
    assert intent.out == []


@given(st.integers(1, 1_000), st.none() | st.integers(0, 10**10))
def test_pauses_grow_and_are_bounded(number: int, wish: int | None) -> None:
    """Five seconds doubling to five minutes, or as long as the receiver asks, up to an hour."""
    assert 5_000 <= pause(number, wish) <= 3_600_000
    assert pause(number, wish) >= min(wish or 0, 3_600_000)
    assert pause(number + 1, wish) >= pause(number, wish)


def test_pauses() -> None:
    """The first ones by name."""
    assert [pause(number, None) for number in (1, 2, 3, 7, 8)] == [5_000, 10_000, 20_000, 300_000, 300_000]
    assert pause(1, 60_000) == 60_000
