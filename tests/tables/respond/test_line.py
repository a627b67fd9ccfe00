"""An alert as a notification shows it."""

from __future__ import annotations

from typing import Any

from tables.respond.line import line

from streams.messages.verdict import AnomalyReading

ALERT: dict[str, Any] = {
    "id": "a1", "status": "firing", "severity": "critical", "message": "57.8 where 97 to 103 is usual",
    "labels": {"upstream": "x"}, "triggered_at": 1_000,
}  # fmt: skip


def test_an_anomaly_explains_itself_to_whoever_is_told() -> None:
    """What the model said goes along, without the rows before it; other rules have nothing of the kind."""
    said = AnomalyReading(
        at=2_000, value=57.8, expected=100.0, low=97.0, high=103.0, score=0.999, part="new value", since=900,
        trail=[(n, 100.0, 97.0, 103.0, 0.1) for n in range(60)],
    )  # fmt: skip
    shown = line(ALERT | {"anomaly": said.model_dump()}).anomaly
    assert shown == said.model_copy(update={"trail": []})
    assert line(ALERT | {"anomaly": None}).anomaly is None
    assert line(ALERT).anomaly is None
