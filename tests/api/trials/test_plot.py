"""Curves of a trial: bounded, and no alert falls between two points."""

from __future__ import annotations

from api.cli.curve import lines, pictures
from api.trials.outcome.plot import SHOWN, WIDE, as_json
from api.trials.sample import BEGIN, Sample
from api.trials.trial import tried
from api.trials.trial_input import inputs
from streams.documents.registry import read

RULE = read("rule", {"name": "r", "last": "cpu", "above": 5, "for": "0s", "keep_firing_for": "0s"})


def sample(n: int, value: float, series: str = "cpu") -> Sample:
    """One a minute."""
    return Sample(at=BEGIN + 60_000 * n, series=series, value=value)


def test_a_short_alert_in_a_long_time_is_in_the_curve() -> None:
    """Of a day with one minute beyond the threshold there are few points, and that minute is one of them."""
    samples = [sample(n, 9.0 if n == 701 else 1.0) for n in range(1_440)]
    (curve,) = tried([RULE], *inputs("gw", samples)).curves
    assert (len(curve.points) <= WIDE + 1, max(point.value for point in curve.points)) == (True, 9.0)
    assert [point.severity for point in curve.points if point.severity] == ["warning"]


def test_a_shorter_alert_of_one_of_many_is_in_the_curve() -> None:
    """However many series there are, and however seldom all are looked at: where an alert moves, it is looked."""

    def value(n: int, k: int) -> float:
        return 9.0 if (n, k) == (3_001, 7) else 1.0

    samples = [
        Sample(at=BEGIN + 15_000 * n, series=f'cpu{{n="{k}"}}', value=value(n, k))
        for n in (*range(1_000), *range(3_000, 3_010), 5_760)
        for k in range(60)
    ]
    (curve, *_) = tried([RULE], *inputs("gw", samples)).curves
    assert curve.series == 'cpu{n="7"}'
    assert [(point.value, point.severity) for point in curve.points if point.severity] == [(9.0, "warning")]


def test_a_gap_has_no_points() -> None:
    """Where nothing came, the curve has nothing."""
    samples = [sample(n, 1.0) for n in (*range(100), *range(1_000, 1_100))]
    (curve,) = tried([RULE], *inputs("gw", samples)).curves
    times = [(point.at - BEGIN) // 60_000 for point in curve.points]
    assert [n for n in times if 100 <= n < 1_000] == []
    assert times == sorted(times)


def test_of_many_series_the_worst_are_shown() -> None:
    """An answer has a bounded number of curves: those with alerts."""
    samples = [
        sample(n, 9.0 if k in (28, 29) else 1.0, f'cpu{{n="{k}"}}') for n in range(3) for k in range(30)
    ]
    outcome = tried([RULE], *inputs("gw", samples))
    shown = as_json(outcome.curves)
    assert (len(outcome.curves), len(shown)) == (30, SHOWN)
    assert [curve["series"] for curve in shown[:2]] == ['cpu{n="28"}', 'cpu{n="29"}']
    assert "and 10 more" in list(pictures(shown))[-1]


def test_a_picture() -> None:
    """Low is at the bottom, high on top, time runs to the right, and marks stand under what is wrong."""
    at = [f"2026-12-07T09:00:{n:02d}Z" for n in (0, 30, 59)]
    points = [
        {"at": at[0], "value": 1.0, "severity": ""},
        {"at": at[1], "value": 9.0, "severity": "critical"},
    ]
    values, marks = lines([*points, {"at": at[2], "value": 5.0, "severity": "info"}])
    assert (values[2], values[2 + 30], values[2 + 59]) == ("▁", "█", "▅")
    assert (marks[2 + 30], marks[2 + 59], marks.strip()[0]) == ("c", "i", "c")
    assert list(lines([{"at": at[0], "value": 3.0, "severity": ""}])) == ["  ▁"]
