"""Series that leave and come back, in a whole World over days."""

from __future__ import annotations

from tests.tables.detect.harness import HIGH, HOUR, SHORT, Life

CALLS = {
    "name": "calls",
    "increase": "calls",
    "over": "2m",
    "above": 100,
    "for": "0s",
    "keep_firing_for": "0s",
}
SUM = {"name": "sum", "rate": "calls", "by": ["tool"], "over": "2m", "above": 99, "for": "0s"}


def test_a_series_leaves_after_a_day() -> None:
    """Its series, window and instance keep their slots for a day, and give them back soon after; others stay."""
    life = Life(HIGH, CALLS, SUM)
    both = {"cpu": 1.0, 'calls{tool="a"}': 5.0, 'calls{tool="b"}': 5.0}
    life.hear(1, both)
    del both['calls{tool="a"}']
    life.hear(23, both)
    assert life.slots("series") == ['calls{tool="a"}', 'calls{tool="b"}', "cpu"]
    life.hear(19, both)
    assert life.slots("series") == ['calls{tool="b"}', "cpu"]
    assert life.slots("aggregate") == ['calls{tool="b"}'] * 2
    assert life.slots("instance") == ['calls{tool="b"}', "cpu", '{tool="b"}']


def test_what_fires_stays() -> None:
    """An instance that fires keeps its slot although its series is gone, and ends when the series comes back well."""
    life = Life(HIGH)
    life.hear(0.5, {"cpu": 9.0, "other": 1.0})
    life.hear(40, {"other": 1.0, 'cpu{core="1"}': 1.0})
    assert life.slots("series") == ['cpu{core="1"}']
    assert (life.slots("instance"), life.told("high")) == (["cpu", 'cpu{core="1"}'], ["fired"])
    life.hear(0.5, {"cpu": 1.0})
    assert life.told("high") == ["fired", "resolved"]
    life.hear(40, {"other": 1.0})
    assert life.slots("instance") == []


def test_a_counter_that_comes_back_is_remembered() -> None:
    """Its past is no growth for a month, whether its source was heard meanwhile or not; after that it is born anew."""
    month = SHORT._replace(departed=60 * HOUR)
    born = ["fired", "resolved"]
    for heard, hours, told in (
        ({"other": 1.0}, 40, []),
        ({"other": 1.0}, 110, born),
        ({}, 40, []),
        ({}, 110, []),
    ):
        life = Life(CALLS, terms=month)
        life.hear(0.5, {"calls": 5_000.0, "other": 1.0})
        life.hear(hours, heard)
        assert life.slots("series") == []
        life.hear(2, {"calls": 7_000.0, "other": 1.0})
        assert life.told("calls") == told, (heard, hours)
        life.hear(2, {"calls": 7_101.0, "other": 1.0})
        assert life.told("calls") == told + born


def test_slots_are_given_again() -> None:
    """However many series come and go, there are no more slots than those of a few days; each alert is its own."""
    life = Life(HIGH)
    for day in range(9):
        life.hear(12, {f'cpu{{pod="{day}"}}': 9.0})
        life.hear(1, {f'cpu{{pod="{day}"}}': 1.0})
        life.hear(11, {"other": 1.0})
    assert life.told("high") == ["fired", "resolved"] * 9
    assert life.detect.rows["gateway/g"].value.next["series"] <= 3
    assert life.detect.rows["gateway/g"].value.next["instance"] <= 4


def test_an_alert_that_comes_back_is_another_one() -> None:
    """The same labels fire again in whatever slot: the verdict's turn is higher, and the alert has an id of its own."""
    life = Life(HIGH)
    for other in ("a", "b"):
        life.hear(0.5, {"cpu": 9.0})
        life.hear(0.5, {"cpu": 1.0})
        life.hear(50, {f'cpu{{core="{other}"}}': 1.0, f'cpu{{core="{other}{other}"}}': 1.0})
    life.hear(0.5, {"cpu": 9.0})
    ids = [e["id"] for e in life.world.timeline if e.get("what") == "fired" and e["subject"] == "alert"]
    assert len(ids) == len(set(ids)) == 3


def test_the_bound_is_told_before_it_is_reached() -> None:
    """A gateway with many series is told of at nine tenths of the bound, then refused; both end by themselves."""
    life = Life(HIGH, terms=SHORT._replace(most=20))
    many = {f'cpu{{pod="{n}"}}': 1.0 for n in range(18)}
    life.hear(0.5, many)
    first = next(e for e in life.world.timeline if e.get("rule") == "tocsin-series-bound")
    assert (first["what"], first["severity"]) == ("fired", "warning")
    assert first["message"].startswith("g has nearly as many series as can be watched (cpu 18)")
    assert "narrow the rules' matchers" in first["reason"]
    life.hear(0.5, many | {f'cpu{{pod="x{n}"}}': 1.0 for n in range(3)})
    assert life.told("tocsin-series-bound") == ["fired", "worsened"]
    assert "has 20 watched series" in next(
        e["reason"] for e in life.world.timeline if e["subject"] == "dead-letter"
    )
    life.hear(44, {'cpu{pod="0"}': 1.0})
    assert life.told("tocsin-series-bound") == ["fired", "worsened", "resolved"]
    life.hear(0.5, {'cpu{pod="x2"}': 9.0})
    assert life.told("high") == ["fired"]
