"""The active clock: it runs while we watch, and stands still while we do not."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import DamagedState
from tables.kernel.clock import LAG, SHORTEST, Clock
from tables.kernel.row import ROW_SCHEMA, decode
from tables.kernel.row_store import HEAD, HEAD_KEY


def ticked(*stamps: int, behind: int = 0) -> Clock:
    """A clock that saw ticks at these instants, ms."""
    clock = Clock()
    for stamp in stamps:
        clock.record(stamp)
        clock.tick(stamp - behind)
    return clock


def test_it_runs_from_tick_to_tick() -> None:
    """Between ticks near to each other all time counts."""
    clock = ticked(100_000, 101_000, 131_000)
    assert (clock.active, clock.lagged, clock.caught_up) == (31_000, 0, True)


def test_it_stands_still_over_a_gap() -> None:
    """Between ticks too far apart nobody was watching."""
    clock = ticked(100_000, 101_000, 701_000, 702_000)
    assert (clock.active, clock.lagged) == (2_000, 600_000)
    assert (clock.lag_began, clock.lag_ended) == (101_000, 701_000)


def test_it_stands_still_while_behind() -> None:
    """A tick whose injector had not caught up counts as not watching, and decisions wait."""
    clock = ticked(100_000, 101_000, behind=LAG + 1)
    assert (clock.active, clock.lagged, clock.caught_up) == (0, 1_000, False)


def test_stretches_that_touch_are_one() -> None:
    """A gap and the catching up after it are one absence."""
    clock = ticked(100_000, 200_000)
    clock.record(201_000)
    clock.tick(150_000)
    assert (clock.lag_began, clock.lag_ended) == (100_000, 201_000)


def test_it_is_caught_up_only_after_a_tick() -> None:
    """A machine that has never been ticked, or not for a while, decides nothing."""
    clock = Clock()
    clock.record(5)
    assert not clock.caught_up
    clock = ticked(100_000)
    clock.record(100_000 + LAG + 1)
    assert not clock.caught_up


@pytest.mark.parametrize(
    ("step", "patience"), [(100, SHORTEST), (1_000, 3_000), (5_000, 15_000), (25_000, LAG)]
)
def test_decisions_wait_once_three_ticks_are_missing(step: int, patience: int) -> None:
    """However far apart ticks are where time is simulated; what comes meanwhile came while nobody was watching."""
    clock = ticked(100_000, 100_000 + step)
    clock.record(clock.ticked + patience)
    assert (clock.caught_up, clock.moment(1).away_since) == (True, None)
    clock.record(clock.ticked + patience + 1)
    moment = clock.moment(1)
    assert (clock.caught_up, moment.away(clock.ticked), moment.away(clock.ticked + 1)) == (False, False, True)
    clock.record(clock.ticked + 400_000)
    clock.tick(clock.now)
    assert (clock.caught_up, clock.patience) == (True, patience)
    assert clock.moment(2).away(100_000 + step + 1)


def test_what_happened_while_away_is_told_late() -> None:
    """Delayed is what lies at or before the end of the last absence, and is told long after."""
    clock = ticked(100_000, 700_000)
    assert clock.moment(0).delayed(650_000)
    assert not clock.moment(0).delayed(690_000)
    assert not ticked(100_000, 101_000).moment(0).delayed(50_000)


@given(st.lists(st.tuples(st.integers(0, 60_000), st.booleans(), st.integers(0, 60_000)), max_size=30))
def test_time_is_active_or_lagged(steps: list[tuple[int, bool, int]]) -> None:
    """Whatever comes, `now` never goes back, and the time between first and last tick is split without rest."""
    clock, first = Clock(), 0
    for step, is_tick, lag in steps:
        before, deadline = clock.now, clock.active + 500
        clock.record(clock.now + step - 1_000)
        assert clock.now >= before
        if is_tick and clock.now:
            first = first or clock.now
            clock.tick(clock.now - lag)
        assert clock.moment(0).instant(deadline) >= clock.now
        assert clock.active <= clock.active_now <= clock.active + LAG
    assert clock.active + clock.lagged == clock.ticked - first
    assert msgspec.json.decode(msgspec.json.encode(clock), type=Clock) == clock


@pytest.mark.parametrize("value", [{"nov": 5}, {"now": "5"}, {"now": None}, {"behind": 1}, [], "x", 5])
def test_a_head_that_keeps_no_clock_is_damage(value: object) -> None:
    """Time is never guessed."""
    raw = msgspec.json.encode((ROW_SCHEMA, 0, 0, 0, None, False, None, value))
    with pytest.raises(DamagedState, match=HEAD_KEY):
        decode(HEAD_KEY, raw, HEAD)
