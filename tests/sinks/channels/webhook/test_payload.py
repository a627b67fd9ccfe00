"""A notification as receivers get it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from sinks.channels.payload import payload
from streams.messages.verdict import AnomalyReading


def test_an_anomaly_has_its_score_band_part_and_beginning(attempt: Any) -> None:
    """A receiver reads them from the alert, without asking the API; of another rule's alert the field is absent."""
    plain = attempt()
    said = AnomalyReading(
        at=2_000, value=57.8, expected=100.0, low=97.0, high=103.0, score=0.999, part="new value", since=900
    )
    of = plain.notification
    told = replace(of, alerts=(replace(of.alerts[0], anomaly=said),))
    (alert,) = payload(replace(plain, notification=told))["alerts"]
    assert alert["anomaly"] == {
        "value": 57.8, "expected": 100.0, "low": 97.0, "high": 103.0, "score": 0.999, "part": "new value",
        "since": "1970-01-01T00:00:00.900Z",
    }  # fmt: skip
    assert "anomaly" not in payload(plain)["alerts"][0]
