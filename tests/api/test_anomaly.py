"""What is shown of an anomaly besides its numbers."""

from __future__ import annotations

from typing import Any

import pytest

from api.queries.anomaly import unit
from streams.documents.conditions.condition import Condition
from tests.api.conftest import NOW


@pytest.mark.parametrize(
    ("metric", "shown"),
    [
        ("load", ""),
        ("calls_total", "/s"),
        ('bytes_total{host="a"}', "B/s"),
        ("sent_bytes_total", "B/s"),
        ("request_duration_seconds", "s"),
        ("memory_bytes", "B"),
        ('calls_total{result="error"} / calls_total', "%"),
        ("request_seconds_sum / request_seconds_count", "s"),
    ],
)
def test_unit(metric: str, shown: str) -> None:
    """A metric's name says its unit, a counter is shown by the second, a share of failures in percent."""
    assert unit(Condition(anomaly=metric)) == shown


async def test_measured(history: Any, respond: Any, admin: Any) -> None:
    """An alert says what was measured, and above which score that is news; without its rule it still shows its rows."""
    rule = {"name": "odd", "team": "payments", "anomaly": "calls_total", "above": 0.95}
    made = (await admin.post("/v1/rules", json=rule)).json()
    said = {"at": NOW, "value": 9.0, "expected": 5.0, "low": 4.0, "high": 6.0, "score": 0.99, "part": "drift"}
    said |= {"since": NOW, "recent_points": [(NOW, 9.0, 4.0, 6.0, 0.99)]}
    history.alert("a", anomaly=said, rule_id=made["id"])
    history.alert("b", anomaly=said, rule_id="gone")
    shown = [(await admin.get(f"/v1/alerts/{one}")).json()["anomaly"] for one in "ab"]
    told = [[one[name] for name in ("metric", "unit", "threshold")] for one in shown]
    assert told == [["calls_total", "/s", 0.95], ["", "", None]]
