"""When people are told that canaries are lost: once, and once that it is over; however it wavers, never a flood."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sinks.canary.flights import BEGIN, KEPT, LOOK, Flights, WatchedTime
from sinks.canary.judgement import CALM, LONGEST, PAUSE, STEADY, Judgement, News, judge

LATE = 120.0


def told(lost: list[bool], every: float = 1.0) -> list[tuple[float, News]]:
    """What is said, and when, of a life in which canaries are lost or not, look by look."""
    known, said = Judgement(), list[tuple[float, News]]()
    for number, each in enumerate(lost):
        known, news = judge(known, each, number * every)
        if news is not News.NONE:
            said.append((number * every, news))
    return said


def test_once_and_once_that_it_is_over() -> None:
    """However long it lasts; over only after a minute in which all arrived."""
    assert told([False] * 10 + [True] * 10_000 + [False] * 1_000) == [
        (10.0, News.LOST),
        (10_010 + STEADY, News.BACK),
    ]
    assert told([True] * 5 + ([False] * 50 + [True]) * 20)[1:] == []


def test_pauses_between_words_grow() -> None:
    """And are short again after a calm time."""
    well = [False] * round(STEADY + 1)
    wavering = told([*well, True] * 1_000)
    begins = [at for at, news in wavering if news is News.LOST]
    gaps = [then - before for before, then in pairwise(begins)]
    assert gaps[0] >= PAUSE
    assert gaps[1] >= 2 * PAUSE
    assert max(gaps) <= LONGEST + 200
    calm = [False] * round(CALM + PAUSE + 100)
    first, again = [at for at, news in told([True, *calm, True]) if news is News.LOST]
    assert again - first == len(calm) + 1


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 2_000)), max_size=30))
def test_words_come_in_turns_and_never_often(stretches: list[tuple[bool, int]]) -> None:
    """Begin, end, begin, the next one ten minutes after an end at the earliest; and none is swallowed."""
    life = [lost for lost, length in stretches for _ in range(length)]
    said = told([*life, *[True] * round(LONGEST + 1)])
    assert [news for _, news in said] == ([News.LOST, News.BACK] * len(said))[: len(said)]
    ends = [at for at, news in said if news is News.BACK]
    begins = [at for at, news in said if news is News.LOST]
    assert all(then - end >= PAUSE for end, then in zip(ends, begins[1:], strict=False))
    assert said[-1][1] is News.LOST


def test_one_is_missed_when_it_is_late() -> None:
    """Of the newest that arrived it counts when it left; at the beginning all else may start first."""
    flights = Flights(["a", "b"], LATE)
    assert flights.missing(BEGIN) == []
    assert flights.missing(BEGIN + 1) == ["a", "b"]
    flights.depart("a", "1", 300.0)
    flights.depart("a", "2", 330.0)
    flights.arrive("2")
    flights.arrive("1")
    assert not flights.proven
    assert flights.ages(340.0)["a"] == 10.0
    assert flights.missing(330.0 + LATE) == ["b"]
    assert flights.missing(331.0 + LATE) == ["a", "b"]


def test_the_beginning_is_over_with_the_first_that_arrives() -> None:
    """From then on it is missed when it is late."""
    flights = Flights(["a"], LATE)
    flights.depart("a", "1", 2.0)
    flights.arrive("1")
    assert flights.missing(2.0 + LATE) == []
    assert flights.missing(3.0 + LATE) == ["a"]


def test_what_never_left_has_not_arrived() -> None:
    """Nor what came twice, or far too late."""
    flights = Flights(["a"], LATE)
    flights.arrive("forged")
    assert not flights.proven
    flights.depart("a", "1", 1_000.0)
    flights.depart("a", "2", 1_001.0 + KEPT)
    flights.arrive("1")
    assert not flights.proven
    flights.arrive("2")
    assert flights.proven


def test_other_canaries_fly_once_a_stage_has_grown() -> None:
    """Who goes on flying keeps its age, a new one has its time to arrive, and one that flies no more is not missed."""
    flights = Flights(["a", "b"], LATE)
    for name in "ab":
        flights.depart(name, name, 1.0)
        flights.arrive(name)
    flights.depart("b", "late", 400.0)
    flights.fly(["a", "c"], 400.0)
    flights.arrive("late")
    assert flights.names == ["a", "c"]
    assert not flights.proven
    assert flights.missing(401.0) == ["a"]
    assert flights.missing(401.0 + LATE) == ["a", "c"]
    for name in "ac":
        flights.depart(name, name, 530.0)
        flights.arrive(name)
    assert flights.ages(531.0) == {"a": 1.0, "c": 1.0}
    assert flights.proven


def test_a_pause_of_our_own_accuses_nobody() -> None:
    """Whoever did not look has not watched."""
    time = WatchedTime(100.0)
    assert time.look(101.0) == 1.0
    assert time.look(5_000.0) == 1.0 + LOOK
