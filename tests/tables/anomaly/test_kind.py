"""Kinds of signal: what a reading of each says, and what it does not say."""

from __future__ import annotations

import numpy as np
import pytest

from tables.anomaly.detector import AnomalyDetector
from tables.anomaly.kind import Kind, Signal, shown_as_signal, signal_as_shown
from tables.anomaly.options import Options
from tests.tables.anomaly.signals import DAY, START, STEP, alerts, feed, judged, noise


def counted(rates: list[float], resets: tuple[int, ...] = ()) -> list[float]:
    """A running total of these increases that starts again at some rows."""
    total, totals = 0.0, []
    for row, rate in enumerate(rates):
        total = 0.0 if row in resets else total + rate
        totals.append(total)
    return totals


def test_a_restarted_counter_is_no_anomaly() -> None:
    """A total that begins again at zero says nothing about the rate."""
    totals = counted(noise(6 * DAY, level=500.0, size=20.0), resets=(4 * DAY, 5 * DAY))
    verdicts = judged(totals, Options(kind=Kind.COUNTER))
    assert [verdicts[row].score for row in (4 * DAY, 5 * DAY)] == [0.0, 0.0]
    assert not [row for row in alerts(verdicts, after=4 * DAY) if row in {4 * DAY + 1, 5 * DAY + 1}]


def test_a_counter_that_stands_still_is_an_anomaly() -> None:
    """No calls at all where there always were some is the most important dip."""
    rates = noise(4 * DAY, level=500.0, size=20.0)
    rates[-6:] = [0.0] * 6
    assert alerts(judged(counted(rates), Options(kind=Kind.COUNTER)), after=4 * DAY - 6) == [4 * DAY - 6]


def test_a_counters_rate_is_by_real_elapsed_time() -> None:
    """Twice the increase in twice the time is the same rate."""
    signal = Signal(Kind.COUNTER)
    assert signal.read(0, 10.0, 0.0) is None
    assert signal.read(1000, 110.0, 0.0) == signal.read(3000, 310.0, 0.0) == pytest.approx(10.0)
    assert signal.read(3000, 410.0, 0.0) is None


def test_lone_failures_of_few_calls_are_silent() -> None:
    """A ratio below its minimum volume is not judged, however large it is."""
    detector = AnomalyDetector(Options(kind=Kind.ERRORS, least_volume=20.0))
    rng = np.random.default_rng(4)
    calls = rng.poisson(3.0, 5 * DAY)
    ratios = rng.binomial(calls, 0.05) / np.maximum(calls, 1)
    verdicts = [
        detector.step(START + row * STEP, float(ratio), float(volume))
        for row, (ratio, volume) in enumerate(zip(ratios, calls, strict=True))
    ]
    assert alerts(verdicts) == []


def test_a_failing_dependency_is_an_anomaly() -> None:
    """Half of many calls failing for half an hour is an alert within three rows."""
    rng = np.random.default_rng(5)
    ratios = [float(each) for each in rng.binomial(200, 0.01, 4 * DAY) / 200]
    ratios[-6:] = [0.5] * 6
    found = alerts(judged(ratios, Options(kind=Kind.ERRORS)), after=4 * DAY - 6)
    assert found
    assert found[0] <= 4 * DAY - 4


def test_faster_is_never_an_anomaly() -> None:
    """A latency that falls is no reason to wake anybody."""
    values = [*noise(4 * DAY), *[20.0] * 10]
    assert not alerts(judged(values, Options(kind=Kind.LATENCY)), after=4 * DAY)


@pytest.mark.parametrize("kind", list(Kind))
def test_the_band_is_shown_in_the_unit_that_came_in(kind: Kind) -> None:
    """Into the signal and back is the same number."""
    assert signal_as_shown(kind, shown_as_signal(kind, 42.0)) == pytest.approx(42.0)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("value", [0.0, -1.0, 1e308, -1e308, 5e-324])
def test_no_reading_is_too_odd(kind: Kind, value: float) -> None:
    """Extreme readings of any kind give a score between 0 and 1."""
    verdicts = feed(AnomalyDetector(Options(kind=kind)), [*noise(30), value, *noise(5), value, 0.0])
    assert all(0.0 <= verdict.score <= 1.0 for verdict in verdicts)
