"""What happened once hides nothing of what comes later: neither an absurd row, nor an outage like the next one."""

from __future__ import annotations

import pytest

from tables.anomaly.config import DAY, HOUR
from tables.anomaly.detector import AnomalyDetector
from tables.anomaly.kind import Kind
from tables.anomaly.options import Options
from tests.tables.anomaly.signals import alerts, feed, noise

MINUTE = HOUR // 60
A_DAY = DAY // MINUTE


@pytest.mark.parametrize("glitch", [1e3, 1e6, 1e12, -1e12, 1e300])
@pytest.mark.parametrize("kind", [Kind.GAUGE, Kind.RATE])
def test_one_absurd_row_does_not_hide_an_outage(kind: Kind, glitch: float) -> None:
    """A day after a reading that cannot be, a drop to nothing is an alert."""
    values = noise(4 * A_DAY, size=3.0)
    values[3 * A_DAY] = glitch
    verdicts = feed(AnomalyDetector(Options(kind=kind)), [*values, *[0.0] * 10], step=MINUTE)
    assert alerts(verdicts, after=4 * A_DAY)


@pytest.mark.parametrize("row", [1, 2 * A_DAY])
@pytest.mark.parametrize("size", [0.0, 0.03])
def test_a_glitch_does_not_blind_what_was_constant(row: int, size: float) -> None:
    """A gauge of 1, all but constant, with one reading of a million: days later a fall to 0 is an alert."""
    values = noise(3 * A_DAY, level=1.0, size=size)
    values[row] = 1e6
    verdicts = feed(AnomalyDetector(), [*values, *[0.0] * 10], step=MINUTE)
    assert alerts(verdicts, after=3 * A_DAY)


def test_an_absurd_row_poisons_no_hour() -> None:
    """The first visit of an hour, with a reading of 1e30 in it, does not teach the hour that reading."""
    values = noise(3 * A_DAY, size=3.0)
    values[A_DAY + 30] = 1e30
    detector = AnomalyDetector()
    feed(detector, values, step=MINUTE)
    told = detector.explain()
    assert told.low < 100.0 < told.high
    assert told.high - told.low < 100.0


@pytest.mark.parametrize("kind", [Kind.GAUGE, Kind.RATE, Kind.SATURATION])
@pytest.mark.parametrize("hours", [10, 24, 120])
def test_the_second_outage_is_told_like_the_first(kind: Kind, hours: int) -> None:
    """Four minutes at nothing and, hours later, an hour of it: both are alerts, after three days of history."""
    first, second = 3 * A_DAY, 3 * A_DAY + hours * 60
    values = noise(second, size=3.0)
    values[first : first + 4] = [0.0] * 4
    found = alerts(feed(AnomalyDetector(Options(kind=kind)), [*values, *[0.0] * 60], step=MINUTE))
    assert any(first <= row < first + 4 for row in found)
    assert any(row >= second for row in found)


def test_what_happens_daily_is_a_habit() -> None:
    """The tenth spike of the same height surprises less than the second."""
    values = noise(12 * A_DAY, size=3.0)
    spikes = [day * A_DAY + 600 + 7 * day for day in range(2, 12)]
    for row in spikes:
        values[row] = 160.0
    verdicts = feed(AnomalyDetector(), values, step=MINUTE)
    assert verdicts[spikes[-1]].surprise < verdicts[spikes[1]].surprise - 0.5
