"""Instances of rules about events: what events and time make of one."""

from __future__ import annotations

from typing import Any

import pytest

from streams.documents import registry
from streams.documents.rule import Rule
from tables.detect.events.state import NONE, EventCause, EventInstance
from tables.detect.events.steps import KNOWN, EventMoment, counter, happen, judge, remove, spent
from tables.detect.events.watch import EventWatch
from tables.detect.instances.lifecycle import State

NOON = 1_764_547_200_000


def watch(**body: Any) -> EventWatch:
    """A rule about events of type e."""
    rule = registry.read("rule", {"name": "n", "event": "e", **body})
    assert isinstance(rule, Rule)
    return EventWatch(rule)


def now(second: int) -> EventMoment:
    """So many seconds after noon, nobody away."""
    return EventMoment(NOON + 1_000 * second, 1_000 * second + 1, catching_up=False)


def come(instance: EventInstance, of: EventWatch, second: int, late: int = 0, **known: str) -> EventInstance:
    """An event, `late` seconds after it happened."""
    return happen(instance, of, {"type": "e", **known}, NOON + 1_000 * (second - late), now(second))


def test_one_event_fires_and_ends_when_all_is_quiet() -> None:
    """Another one like it puts the end off."""
    of = watch(ends_after="60s")
    instance = come(come(EventInstance(), of, 0), of, 30)
    assert (instance.severity, instance.state, instance.due) == (1, State.FIRING, 90_001)
    assert judge(instance, of, now(89)).severity == 1
    over = judge(instance, of, now(90))
    assert (over.severity, over.cause) == (NONE, EventCause.QUIET)


def test_an_event_that_comes_late_ends_no_later() -> None:
    """Quiet is counted from when it happened."""
    of = watch(ends_after="60s")
    assert come(EventInstance(), of, 30, late=20).due == 70_001


def test_a_counter_event_that_is_older_says_nothing() -> None:
    """Two producers may overtake one another."""
    of = watch(ends_with="f")
    instance = come(EventInstance(), of, 10)
    assert counter(instance, of, NOON + 9_000, now(11)).severity == 1
    assert counter(instance, of, NOON + 10_500, now(11)).cause == EventCause.COUNTERED


@pytest.mark.parametrize("seconds", [[0, 1, 2, 3], [0, 20, 40, 59], [3, 2, 1, 0]])
def test_a_window_counts_what_lies_within(seconds: list[int]) -> None:
    """In whatever order events come."""
    of, instance = watch(above=3, over="60s"), EventInstance()
    for second in seconds:
        instance = happen(instance, of, {"type": "e"}, NOON + 1_000 * second, now(59))
    assert instance.severity == 1
    assert judge(judge(instance, of, now(120)), of, now(240)).severity == NONE


def test_a_window_is_as_long_as_it_says() -> None:
    """One more than a window apart, and there are never two in it."""
    of, instance = watch(above=1, over="60s"), EventInstance()
    for second in range(0, 600, 63):
        instance = come(instance, of, second)
        assert instance.severity == NONE


def test_a_number_of_events_falls_after_a_time() -> None:
    """The worse severity lasts for `keep_firing_for`, then the milder one."""
    of = watch(above={"warning": 1, "critical": 3}, over="60s", keep_firing_for="10s")
    instance = EventInstance()
    for second in (0, 1, 58, 59):
        instance = come(instance, of, second)
    assert instance.severity == 2
    instance = judge(instance, of, now(62))
    assert (instance.severity, instance.state) == (2, State.FIRING)
    instance = judge(instance, of, now(72))
    assert (instance.severity, instance.state) == (1, State.FIRING)
    instance = judge(judge(instance, of, now(120)), of, now(131))
    assert (instance.severity, instance.cause) == (NONE, EventCause.FEWER)


def test_known_values_are_bounded() -> None:
    """The value that was not seen for longest is forgotten; one that is seen again is kept."""
    of, instance = watch(first_seen="ip"), EventInstance()
    for n in range(3 * KNOWN):
        instance = come(come(instance, of, n, ip="home"), of, n, ip=f"10.0.0.{n}")
    assert len(instance.known) == KNOWN
    calm = judge(instance, of, now(10_000))
    assert calm.severity == NONE
    assert come(calm, of, 10_001, ip="home").severity == NONE
    assert come(calm, of, 10_001, ip="10.0.0.1").severity == 1


def test_absence_gives_up_where_it_says_so() -> None:
    """It is told after `absent_for`, over by itself after `ends_after`, and nothing of it is kept."""
    of = watch(absent_for="60s", ends_after="30s")
    instance = come(EventInstance(), of, 0)
    missing = judge(instance, of, now(60))
    assert (missing.severity, missing.cause, missing.due) == (1, EventCause.ABSENT, 90_001)
    given_up = judge(missing, of, now(90))
    assert (given_up.severity, given_up.cause, given_up.due) == (NONE, EventCause.QUIET, 0)
    assert spent(given_up, of, NOON)
    assert not spent(instance, of, NOON)


def test_what_is_removed_is_over() -> None:
    """Held back, it was never told; firing, it is over with that reason."""
    fires = come(EventInstance(), watch(), 0)
    held = come(EventInstance(), watch(**{"for": "1m"}), 0)
    assert held.state == State.PENDING
    assert remove(fires, EventCause.REMOVED).cause == EventCause.REMOVED
    assert not remove(held, EventCause.REMOVED).untold
