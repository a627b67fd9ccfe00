"""What everybody else sees of an alert is what decides about it."""

from __future__ import annotations

from tables.respond.alert.state import matchable, snapshot
from tests.tables.respond.harness import START, alert, facts


def test_matchers_see_the_same_of_a_snapshot() -> None:
    """So a preview of a silence covers what the silence will; what is beside labels goes before a label of its name."""
    known = facts(labels={"tool": "x", "team": "another"}, rule_type="anomaly")
    for severity in ("info", "critical"):
        made = snapshot(alert(severity=severity, facts=known), START, 1)
        assert made.matchable() == matchable(known, made.severity)
        assert (made.matchable()["team"], made.matchable()["type"]) == ("t", "anomaly")
