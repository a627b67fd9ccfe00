"""Receipts that come when an escalation is over."""

from __future__ import annotations

from streams.messages.receipt import Receipt
from tables.respond.escalation.decide import RETENTION
from tests.tables.respond.harness import START, Crowd

AFTER = START + RETENTION + 100_000


def test_a_late_receipt_calls_nothing_back() -> None:
    """An escalation that has ended, and whose row is only still to be deleted, stays ended."""
    crowd = Crowd()
    for sequence, state in enumerate(("firing", "ok"), 1):
        list(crowd.verdicts(1, sequence, state=state))
    (key,) = crowd.escalations()
    crowd.wait(AFTER - START)
    crowd.written()
    of = {"team": "t", "group": key, "to": "endpoint/platform/log", "notification": "x@1.0"}
    crowd.tell(Receipt(id="r", at=AFTER, result="failed", what="resolved", reason="late", **of), AFTER)  # type: ignore[arg-type]
    crowd.written()
    crowd.written()
    assert f"escalation/{key}" not in crowd.machine.rows
    assert crowd.escalations() == {}
