"""What holds alerts back: rest after an alert, learning that waits, and people who said "not an anomaly"."""

from __future__ import annotations

from tables.anomaly.codec import encode
from tables.anomaly.config import HOUR
from tables.anomaly.detector import AnomalyDetector
from tables.anomaly.suppression import Bar, Hold, Rest
from tests.tables.anomaly.signals import DAY, START, STEP, feed, noise

WEEK_MS = 7 * 24 * HOUR


def test_only_something_larger_is_news_within_the_quiet_period() -> None:
    """The quiet period is wall-clock time, what grows gets through, and what was held back is not forgotten."""
    rest = Rest(8 * HOUR)
    said = [(0, 2.0), (1, 2.0), (2, 1.0), (3, 3.0), (10, 2.9), (12, 2.0), (13, 2.9), (20, 2.9), (30, 2.0)]
    told = [rest.passes(at * HOUR, surprise, above=True, lean=0.0) for at, surprise in said]
    assert told == [True, False, False, True, False, False, False, False, True]


def test_what_goes_on_is_no_news_when_its_beginning_is_long_ago() -> None:
    """An incident that has fallen to a lower level and stays there passes once, and something worse passes again."""
    rest = Rest(8 * HOUR)
    said = [5.0, *[1.9, 1.6, 2.0, 1.7] * 30, 2.5]
    assert [
        n for n, surprise in enumerate(said) if rest.passes(n * HOUR // 2, surprise, above=True, lean=0.0)
    ] == [
        0,
        len(said) - 1,
    ]


def test_a_spike_says_nothing_of_a_drop() -> None:
    """Each side rests by itself, and one side's news makes the other side no news."""
    rest = Rest(8 * HOUR)
    said = [
        (0, 5.0, True),
        (1, 3.0, False),
        (2, 3.0, False),
        (3, 4.0, True),
        (9, 3.0, False),
        (12, 4.5, True),
    ]
    told = [rest.passes(at * HOUR, surprise, above, lean=0.0) for at, surprise, above in said]
    assert told == [True, True, False, False, False, True]


def test_a_new_level_is_no_news_until_it_is_learned() -> None:
    """While the series leans to a side, what that side was told of is kept, however long; the other side forgets."""
    rest = Rest(8 * HOUR)
    rest.passes(0, 3.0, above=True, lean=0.0)
    rest.passes(0, 3.0, above=False, lean=0.0)
    for hour in range(1, 30):
        assert not rest.passes(hour * HOUR, 2.9, above=True, lean=4.0)
    assert rest.passes(30 * HOUR, 2.5, above=False, lean=4.0)
    assert not rest.passes(36 * HOUR, 2.9, above=True, lean=0.0)
    assert rest.passes(46 * HOUR, 2.9, above=True, lean=0.0)


def test_a_gap_longer_than_the_quiet_period_forgets_whatever_the_lean() -> None:
    """Nobody knows what a series did in a gap, so what comes after it may be told."""
    rest = Rest(8 * HOUR)
    rest.passes(0, 3.0, above=True, lean=5.0)
    assert rest.passes(12 * HOUR, 2.0, above=True, lean=5.0)


def test_an_outage_after_a_harmless_spike_is_an_alert() -> None:
    """Half an hour after two rows far above, a drop to nothing is news."""
    detector = AnomalyDetector()
    verdicts = feed(detector, [*noise(3 * DAY), 400.0, 400.0, *noise(6, seed=2), 0.0, 0.0])
    assert verdicts[3 * DAY].alert
    assert any(verdict.alert for verdict in verdicts[-2:])


def test_another_quiet_period_keeps_what_is_remembered() -> None:
    """An edited rule takes over what was surprising lately, whichever of the two is the longer one."""
    for before, after in ((8, 80), (80, 8)):
        first, second = Rest(before * HOUR), Rest(after * HOUR)
        first.passes(0, 3.0, above=True, lean=0.0)
        second.since = first.since
        second.keep(first.tops)
        assert not second.passes(HOUR, 3.0, above=True, lean=0.0)
        assert second.passes(100 * HOUR, 3.0, above=True, lean=0.0)


def test_learning_waits_for_an_incident_but_not_for_ever() -> None:
    """After its limit even a running incident is learned; a calm row ends the waiting."""
    hold = Hold(2 * HOUR)
    assert [hold.holds(at * HOUR, 5.0) for at in (0, 1, 2, 3)] == [True, True, False, False]
    assert not hold.holds(4 * HOUR, 0.0)
    assert hold.holds(5 * HOUR, 5.0)


def test_feedback_raises_the_bar_and_expires() -> None:
    """The bar halves every week."""
    bar = Bar()
    bar.heighten(START)
    assert [bar.height(START + weeks * WEEK_MS) for weeks in (0, 1, 2)] == [1.0, 0.5, 0.25]


def test_feedback_is_taken_back_exactly() -> None:
    """What was said can be unsaid, and the newest few are kept."""
    bar = Bar()
    for hour in range(20):
        bar.heighten(START + hour * HOUR)
    assert len(bar.dismissals) == Bar.REMEMBERED
    for instant in list(bar.dismissals):
        bar.take_back(instant)
    bar.take_back(START)
    assert bar.height(START + 20 * HOUR) == 0.0


def test_a_series_with_feedback_needs_a_larger_surprise() -> None:
    """The same row scores lower after somebody said that the last one was nothing."""
    told, untold = AnomalyDetector(), AnomalyDetector()
    for detector in (told, untold):
        feed(detector, noise(3 * DAY))
    told.bar.heighten(START + 3 * DAY * STEP)
    lower, usual = (feed(detector, [160.0], first=3 * DAY)[0] for detector in (told, untold))
    assert lower.surprise == usual.surprise - 1.0
    assert lower.score < usual.score


def test_what_people_said_teaches_nothing() -> None:
    """An incident that was dismissed and taken back is learned from as if nothing had been said."""
    told, untold = AnomalyDetector(), AnomalyDetector()
    for detector in (told, untold):
        feed(detector, noise(3 * DAY))
    told.bar.heighten(START + 3 * DAY * STEP)
    for detector in (told, untold):
        feed(detector, noise(HOUR // STEP, level=130.0, size=15.0), first=3 * DAY)
    told.bar.take_back(START + 3 * DAY * STEP)
    for detector in (told, untold):
        feed(detector, noise(1), first=3 * DAY + HOUR // STEP)
    assert encode(told) == encode(untold)
