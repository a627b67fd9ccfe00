"""Outcomes that come when a notification is forgotten."""

from __future__ import annotations

from tables.deliver.notification import REST

from streams.messages.attempt import Outcome
from streams.messages.config import ConfigRevision
from streams.messages.envelope import Message
from streams.messages.notification import Notification
from streams.messages.tick import Tick
from streams.signature import Signer, bound
from streams.topics import NOTIFY
from tables.deliver.machine import Deliver
from tables.world import KEY

START, TO = 1_764_547_200_000, "endpoint/platform/log"
SIGNER = Signer([KEY])


def say(machine: Deliver, said: Message, stamp: int) -> None:
    """Apply one message, of which nothing may fail."""
    out = machine.apply(machine.head.seen + 1, stamp, SIGNER.sign(said.encode(), bound(said.kind, NOTIFY)))
    assert [one.reason for one in out if one.reason] == []


def test_a_late_outcome_calls_nothing_back() -> None:
    """A notification that is over, and whose row is only still to be deleted, stays deleted."""
    machine, end = Deliver("d", SIGNER), START + REST + 60_000
    of = {"to": TO, "group": "t/g", "severity": "info", "title": "t", "reason": "r", "step": 0}
    told = {"team": "t", "what": "firing", "count": 1, "lines": [], "delayed": False}
    result = Outcome(
        id="o", at=START, to=TO, notification="n", number=1, result="delivered", reason="r", took=1
    )
    say(
        machine,
        ConfigRevision(id="c", at=START, owner="", type="", name="", revision=0, body=None, complete=True),
        START,
    )
    say(machine, Tick(id="t", at=START, processed=START), START)
    say(machine, Notification(id="n", at=START, deadline=START + REST, **of, **told), START)
    say(machine, result, START)
    for stamp in range(START, end, 20_000):
        say(machine, Tick(id="t", at=stamp, processed=stamp), stamp)
    machine.snapshot()
    say(machine, result, end)
    machine.snapshot()
    machine.snapshot()
    assert f"3/{TO}/n" not in machine.rows
