"""How long an anomaly lasts."""

from __future__ import annotations

from tables.detect.anomaly.anomaly import ENDS, Anomaly, Judged
from tests.tables.detect.harness import asked

MINUTE = 60_000


def judged(rows: list[tuple[float, bool]], outside: bool = False, leans: bool = False) -> Anomaly:
    """An anomaly that began with news, after rows of a minute: the score of each, and whether it lay outside."""
    anomaly, of = Anomaly(), asked()
    anomaly.take(Judged(0, 0.95, 0.95, outside, 1.0, leans), of)
    for n, (score, out) in enumerate(rows, 1):
        anomaly.take(Judged(n * MINUTE, 0.0, score, out, 1.0), of)
    return anomaly


def test_within_the_band_it_ends_past_the_recovery_threshold() -> None:
    """A drift hovers about the threshold for hours: it ends like anything else, where it is clearly over."""
    assert judged([(0.85, False)] * 60).open
    over = judged([(0.85, False)] * 3 + [(0.8, False)] * 3)
    assert not over.open
    assert ENDS[over.ended] == "usual"


def test_a_drift_lasts_though_its_rows_lie_within() -> None:
    """It was the lean that objected, even where the row in which that was told lay outside."""
    assert judged([(0.85, False)] * 60, outside=True, leans=True).open


def test_what_left_the_band_is_over_when_it_is_back() -> None:
    """Means of hours still lean to where it was, which is an echo and no anomaly."""
    assert judged([(0.95, False)] * 2, outside=True).open
    assert not judged([(0.95, False)] * 3, outside=True).open


def test_outside_of_the_band_it_goes_on() -> None:
    """However little the rows surprise."""
    assert judged([(0.1, True)] * 60).open
