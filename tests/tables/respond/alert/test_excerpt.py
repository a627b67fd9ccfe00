"""An alert as a notification shows it."""

from __future__ import annotations

from msgspec.structs import replace

from streams.messages.verdict import AnomalyReading
from tables.respond.alert.excerpt import CUT, LABELS, excerpt
from tables.respond.alert.lifecycle import Status
from tests.tables.respond.harness import alert, facts, operation


def test_an_anomaly_explains_itself_to_whoever_is_told() -> None:
    """What the model said goes along, without the rows before it; other rules have nothing of the kind."""
    points = tuple((n, 100.0, 97.0, 103.0, 0.1) for n in range(60))
    reading = AnomalyReading(2_000, 57.8, 100.0, 97.0, 103.0, 0.999, "new value", 900, recent_points=points)
    assert excerpt(alert(facts=facts(anomaly=reading))).anomaly == replace(reading, recent_points=())
    assert excerpt(alert()).anomaly is None


def test_it_stands_as_its_group_says() -> None:
    """An alert that is going to obey is shown as acknowledged."""
    assert excerpt(alert()).status is Status.FIRING
    assert excerpt(alert(), [operation()]).status is Status.ACKNOWLEDGED


def test_what_is_long_is_shortened_and_says_so() -> None:
    """As many labels as fit, each value short; what fits stays whole."""
    labels = {f"l{n:03}": "v" * 100 for n in range(60)}
    short = excerpt(alert(facts=facts(labels=labels, message="m" * 5_000)))
    assert short.cut == CUT
    assert 5 < len(short.labels) < 60
    assert sum(len(name) + len(value) for name, value in short.labels.items()) < LABELS
    assert short.message.endswith("…")
    whole = excerpt(alert())
    assert (whole.cut, whole.labels, whole.message) == ("", {"tool": "x"}, "cpu is high")
