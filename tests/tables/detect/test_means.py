"""Means over members that take turns, each with a day of its own: no anomaly, and none is hidden by it."""

from __future__ import annotations

import random
from math import pi, sin

import pytest

from tables.detect.anomaly.means import GONE, KEPT, Means
from tables.detect.anomaly.model import Model
from tests.tables.detect.harness import START, asked

MINUTE, DAY = 60_000, 1_440
HOUR = 60 * MINUTE
Member = tuple[float, float, int]  # its level, how much of that its day is, and when it begins


def alerts(kind: str, flaps: Member, turn: int, rise: int = 0) -> list[int]:
    """The minutes of five days at which alerts began; one member of three comes and goes every `turn` minutes or so.

    `rise`: the minute from which on all are twice as high for an hour.
    """
    rnd, of = random.Random(2), asked(kind=kind, by=[], minimum_history="1d", direction="both")
    model, present, before, found = Model(of), True, False, list[int]()
    for minute in range(5 * DAY):
        present = not present if minute > DAY and rnd.random() < 1 / turn else present
        of_all = [(0.4, 0.3, 0), (0.6, 0.3, 0), *([flaps] if present else [])]
        value = sum(one * (1 + day * sin(pi * (minute - at * 60) / 720)) for one, day, at in of_all)
        value *= rnd.gauss(1, 0.03) * (2 if rise <= minute < rise + 60 else 1) / len(of_all)
        now = model.feed(START + minute * MINUTE, value, 1 + present) > of.bar
        found += [minute] if now and not before else []
        before = now
    return found


@pytest.mark.parametrize("kind", ["latency", "gauge"])
@pytest.mark.parametrize("flaps", [(2.5, 0.7, 0), (0.7, 0.6, 12)], ids=["larger", "at night"])
@pytest.mark.parametrize("turn", [5, 20])
def test_members_with_days_of_their_own_may_take_turns(kind: str, flaps: Member, turn: int) -> None:
    """Whatever of the day is learned stays right, although it is another mean every few minutes."""
    assert len(alerts(kind, flaps, turn)) <= 1


@pytest.mark.parametrize("turn", [5, 20])
def test_a_rise_of_all_is_found_meanwhile(turn: int) -> None:
    """In the minutes after it."""
    at = 4 * DAY + 300
    assert [minute for minute in alerts("latency", (2.5, 0.7, 0), turn, at) if at <= minute < at + 20]


def test_who_was_first_is_where_the_others_are_counted_from() -> None:
    """Its own origin never moves; of another, what was known fades with the hours."""
    means = Means()
    means.leave(1, 10.0, 0)
    assert means.enter(2, 20.0, 0) == 20.0
    means.leave(2, 20.0, HOUR)
    assert means.enter(1, 11.0, HOUR) == 10.0
    means.leave(1, 10.0, HOUR)
    assert [means.enter(2, 30.0, HOUR * hours) for hours in (1, 2)] == pytest.approx([23.0, 26.5])


def test_after_a_day_without_the_first_others_are() -> None:
    """What was learned is of their mean by then."""
    means = Means()
    means.leave(1, 10.0, 0)
    means.leave(2, 20.0, GONE + 1)
    assert means.enter(1, 50.0, GONE + 1) == pytest.approx(50.0)
    assert means.first == 2


def test_few_are_remembered_and_the_first_always() -> None:
    """A group whose members never are the same again costs no more than that."""
    means = Means()
    for members in range(1, 20):
        means.leave(members, float(members), members)
    assert [one.members for one in means.kept] == [1, *range(20 - KEPT + 1, 20)]
