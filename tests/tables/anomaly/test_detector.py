"""The anomaly model as an operator sees it: what it alerts on, what it learns, what it never looks at."""

from __future__ import annotations

from collections.abc import Hashable
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tables.anomaly.config import HOUR
from tables.anomaly.detector import AnomalyDetector
from tables.anomaly.kind import Kind
from tables.anomaly.options import Direction, Options, Seasonality, Sensitivity
from tables.anomaly.surprise import Part
from tests.tables.anomaly.signals import DAY, START, STEP, alerts, daily, feed, judged, noise

WEEK = 7 * DAY


@given(cut=st.integers(1, 599))
@settings(max_examples=15, deadline=None)
def test_no_score_depends_on_what_comes_later(cut: int) -> None:
    """A series cut short has the same scores as far as it goes."""
    values = [*noise(300), *noise(300, seed=2, level=400.0)]
    assert judged(values[:cut]) == judged(values)[:cut]


@pytest.mark.parametrize("change", [200.0, -80.0])
def test_a_spike_and_a_dip_are_both_anomalies(change: float) -> None:
    """Far outside the usual, on either side, is an alert at its first row."""
    values = noise(4 * DAY)
    values[-10:] = [value + change for value in values[-10:]]
    assert alerts(judged(values), after=4 * DAY - 10) == [4 * DAY - 10]


@pytest.mark.parametrize(
    ("direction", "caught"), [(Direction.UP, False), (Direction.DOWN, True), (Direction.BOTH, True)]
)
def test_only_the_side_that_matters_alerts(direction: Direction, caught: bool) -> None:
    """A fall is no news to a condition that watches rises."""
    values = noise(4 * DAY)
    values[-10:] = [value - 80.0 for value in values[-10:]]
    found = alerts(judged(values, Options(direction=direction)), after=4 * DAY - 10)
    assert bool(found) is caught


def test_calm_noise_is_left_in_peace() -> None:
    """Plain noise, without any season to hold on to, alerts less than once in four days."""
    found = [row for seed in range(3) for row in alerts(judged(noise(10 * DAY, seed)), after=2 * DAY)]
    assert len(found) <= 3 * 8 / 4


def test_a_new_level_alerts_once_and_is_then_usual() -> None:
    """A deploy's new level is one alert; a week later that level is expected."""
    detector = AnomalyDetector()
    feed(detector, noise(WEEK))
    verdicts = feed(detector, noise(WEEK, seed=2, level=160.0), first=WEEK)
    assert len(alerts(verdicts)) == 1
    assert detector.explain().low < 160.0 < detector.explain().high


@pytest.mark.parametrize("gap", [nan, inf, -inf])
def test_a_gap_teaches_nothing(gap: float) -> None:
    """Rows without a number leave no trace in what follows."""
    detector, other = AnomalyDetector(), AnomalyDetector()
    feed(detector, noise(500))
    feed(other, noise(500))
    assert not any(alerts(feed(detector, [gap] * 50, first=500)))
    assert feed(detector, noise(100, seed=3), first=550) == feed(other, noise(100, seed=3), first=550)


@pytest.mark.parametrize(
    "change", [lambda x: x * 1024.0, lambda x: x / 1024.0, lambda x: -x, lambda x: x + 4096.0]
)
def test_units_and_signs_mean_nothing(change: object) -> None:
    """The same alerts in other units, far from zero, and upside down."""
    values = daily(6 * DAY)
    values[-20:] = [value + 150.0 for value in values[-20:]]
    assert callable(change)
    assert alerts(judged([change(value) for value in values])) == alerts(judged(values))


def test_a_value_usual_at_noon_is_an_anomaly_at_night() -> None:
    """The season knows what time it is; without it the same rows are within the range."""
    values = daily(14 * DAY)
    night = 13 * DAY + DAY * 3 // 4
    values[night : night + 6] = [160.0] * 6
    found = alerts(judged(values), after=night)
    assert found
    assert found[0] < night + 6


def test_a_lost_season_is_noticed() -> None:
    """Traffic that stays at its mean all day is an alert, though each value is an ordinary one."""
    values = daily(15 * DAY, level=10_000.0, swing=7_000.0, size=150.0)
    values[14 * DAY :] = noise(DAY, level=10_000.0, size=150.0)
    assert alerts(judged(values, Options(kind=Kind.RATE)), after=14 * DAY)


def test_a_habit_is_less_news_every_time() -> None:
    """A spike to a height that was reached before is less surprising than the first one."""
    values = noise(8 * DAY)
    for day in (4, 7):
        values[day * DAY + 10] = 400.0
    verdicts = judged(values)
    assert verdicts[4 * DAY + 10].surprise > verdicts[7 * DAY + 10].surprise + 1.0


def test_an_incident_is_one_alert_until_it_grows() -> None:
    """What stays as it is does not repeat; what becomes much worse is told again."""
    values = noise(4 * DAY)
    values[-20:-10] = [value + 100.0 for value in values[-20:-10]]
    values[-10:] = [value + 3000.0 for value in values[-10:]]
    assert alerts(judged(values), after=4 * DAY - 20) == [4 * DAY - 20, 4 * DAY - 10]


def test_sensitivity_moves_the_bar_and_nothing_else() -> None:
    """The more sensitive, the higher the score of the same surprise."""
    values = [*noise(2 * DAY), 130.0]
    low, normal, high = (judged(values, Options(sensitivity=each))[-1] for each in Sensitivity)
    assert low.surprise == normal.surprise == high.surprise
    assert low.score < normal.score < high.score


def test_a_short_history_never_alerts() -> None:
    """Before the minimum history has passed, nothing is an alert."""
    values = [*noise(DAY), 900.0]
    assert alerts(judged(values), after=DAY)
    assert not alerts(judged(values, Options(history=2 * DAY * STEP)))


@pytest.mark.parametrize("seasonality", list(Seasonality))
def test_every_seasonality_sees_a_plain_spike(seasonality: Seasonality) -> None:
    """The choice of season never hides what is far outside everything."""
    values = noise(3 * DAY)
    values[-1] = 400.0
    assert judged(values, Options(seasonality=seasonality))[-1].alert


def test_an_anomaly_explains_itself() -> None:
    """The explanation holds the value, the expected band, who objected, and since when."""
    detector = AnomalyDetector(Options(kind=Kind.LATENCY))
    verdicts = feed(detector, [*noise(3 * DAY), 900.0, 950.0])
    told = detector.explain()
    assert told.value == pytest.approx(950.0)
    assert told.low < told.expected < told.high < told.value
    assert told.part in set(Part)
    assert told.since == verdicts[-1].since == START + 3 * DAY * STEP


def test_river_scores_before_it_learns() -> None:
    """`score_one` leaves no trace, and with `learn_one` gives what `step` gives."""
    detector, values = AnomalyDetector(), noise(60)
    rows: list[dict[Hashable, Any]] = [
        {"at": START + row * STEP, "value": value} for row, value in enumerate(values)
    ]
    scored = []
    for row in rows:
        scored.append(detector.score_one(row))
        detector.learn_one(row)
    assert scored == [verdict.score for verdict in judged(values)]


def test_a_clock_set_back_breaks_nothing() -> None:
    """Time stamps that repeat or go back are judged like any other."""
    detector = AnomalyDetector()
    verdicts = [
        detector.step(START + STEP * (row // 2 - row % 3), value) for row, value in enumerate(noise(400))
    ]
    assert all(0.0 <= verdict.score <= 1.0 for verdict in verdicts)


@pytest.mark.parametrize("gap", [HOUR, 12 * HOUR])
def test_the_first_rows_after_a_gap_are_no_new_level(gap: int) -> None:
    """A row after a gap counts for itself, not for all the time in which nothing came."""
    minute, day = HOUR // 60, 24 * 60
    for seed in range(8):
        detector = AnomalyDetector(Options(kind=Kind.RATE))
        feed(detector, noise(2 * day + 97 * seed, seed, 20.0, 1.0), step=minute)
        resumed = 2 * day + 97 * seed + gap // minute
        assert not alerts(feed(detector, noise(10, seed + 100, 20.0, 1.0), resumed, minute))
