"""Receipts that come when an escalation is over."""

from __future__ import annotations

from streams.messages.receipt import Receipt
from tests.tables.respond.test_bounds import START, Crowd

AFTER = START + 700_000


def test_a_late_receipt_calls_nothing_back() -> None:
    """An escalation that has ended, and whose row is only still to be deleted, stays ended."""
    crowd = Crowd()
    for state in ("firing", "ok"):
        list(crowd.verdicts(1, 1 + (state == "ok"), state=state))
    for stamp in range(START, AFTER, 20_000):
        crowd.tick(stamp)
    key = next(key for key in crowd.machine.rows if key.startswith("8/"))
    crowd.written()
    of = {"team": "t", "group": key[2:], "to": "endpoint/platform/log", "notification": "x@1.0"}
    crowd.say(Receipt(id="r", at=AFTER, result="failed", what="resolved", reason="late", **of), AFTER)
    crowd.written()
    crowd.written()
    assert key not in crowd.machine.rows
