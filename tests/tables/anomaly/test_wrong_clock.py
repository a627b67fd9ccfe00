"""A clock that was wrong for a while costs a row or two, and never what comes after it."""

from __future__ import annotations

from itertools import accumulate

import pytest

from tables.anomaly.config import DAY as DAY_MS
from tables.anomaly.detector import AnomalyDetector
from tables.anomaly.kind import Kind
from tables.anomaly.options import Direction, Options
from tests.tables.anomaly.signals import DAY, START, STEP, noise

WRONG = (70 * 365 * DAY_MS, -50 * 365 * DAY_MS)


@pytest.mark.parametrize("by", WRONG)
@pytest.mark.parametrize("kind", [Kind.GAUGE, Kind.RATE, Kind.ERRORS, Kind.LATENCY, Kind.COUNTER])
def test_one_row_of_another_century_blinds_nobody(kind: Kind, by: int) -> None:
    """A row dated in the far future or past, in the middle of calm days: what goes wrong a day later is still told."""
    values = [each / 200.0 for each in noise(5 * DAY)]
    values[-12:] = [each * 1.9 for each in values[-12:]]
    told = accumulate(each * STEP for each in values) if kind is Kind.COUNTER else values
    detector = AnomalyDetector(Options(kind=kind, direction=Direction.BOTH))
    verdicts = [
        detector.step(START + row * STEP + (by if row == 4 * DAY else 0), value)
        for row, value in enumerate(told)
    ]
    assert any(verdict.alert for verdict in verdicts[-12:])


@pytest.mark.parametrize("by", WRONG)
def test_a_wrong_clock_is_no_history(by: int) -> None:
    """Years that nobody saw do not count towards the minimum history."""
    detector = AnomalyDetector(Options(history=14 * DAY_MS))
    detector.step(START + by, 100.0)
    verdicts = [
        detector.step(START + row * STEP, value) for row, value in enumerate([*noise(3 * DAY), 900.0])
    ]
    assert not any(verdict.alert for verdict in verdicts)


def test_a_counter_whose_clock_is_set_back_loses_one_row() -> None:
    """An hour back is a new beginning; the row after it is a rate again."""
    detector = AnomalyDetector(Options(kind=Kind.COUNTER))
    for row in range(100):
        detector.step(START + row * STEP, 10.0 * row)
    rows = detector.rows
    for row in range(3):
        detector.step(START + (88 + row) * STEP, 1_000.0 + 10.0 * row)
    assert detector.rows == rows + 2
