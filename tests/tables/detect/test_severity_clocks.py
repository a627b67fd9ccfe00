"""Each severity holds and lasts by itself: blocks are held against the plainest machine that does that."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tables.detect.instances.instances import StateBlock
from tables.detect.instances.lifecycle import Limits, Now, State

THRESHOLDS, BACK = (20.0, 50.0, 90.0), (20.0, 45.0, 60.0)
SLOTS = np.array([0])
VALUES = st.sampled_from([0.0, 20.0, 30.0, 47.0, 55.0, 61.0, 89.0, 95.0, float("nan")])
LENGTHS = st.sampled_from([0, 1_000, 2_500, 4_000])


def limits(hold: int, keep: int, sign: float = 1.0, severities: tuple[int, ...] = (0, 1, 2)) -> Limits:
    """Those of the severities that a rule has."""
    beyond, back = (
        np.array([[sign * of[rank] * sign if rank in severities else np.nan for rank in range(3)]])
        for of in (THRESHOLDS, BACK)
    )
    held, kept, missed = (np.array([length], dtype=np.int64) for length in (hold, keep, 0))
    first = np.nanmin(beyond, axis=1)
    return Limits(beyond, back, np.array([sign]), held, kept, missed, first, np.array([False]))


@dataclass
class Alone:
    """One severity as a rule of its own."""

    threshold: float
    back: float
    hold: int
    keep: int
    fires: bool = False
    since: int | None = None
    cleared: int | None = field(default=None)

    def take(self, value: float, at: int) -> bool:
        """Whether it fires after a value."""
        if not self.fires:
            self.since = (at if self.since is None else self.since) if value > self.threshold else None
            self.fires = self.since is not None and at - self.since >= self.hold
            self.cleared = None
        elif value > self.back:
            self.cleared = None
        else:
            self.cleared = at if self.cleared is None else self.cleared
            self.fires = at - self.cleared < self.keep
            self.since = None
        return self.fires


@given(
    st.lists(VALUES, max_size=40), LENGTHS, LENGTHS, st.sampled_from([1.0, -1.0]),
    st.sampled_from([(0, 1, 2), (1, 2), (2,), (0, 2), (1,)]),
)  # fmt: skip
def test_each_severity_is_as_if_it_were_alone(
    values: list[float], hold: int, keep: int, sign: float, severities: tuple[int, ...]
) -> None:
    """The alert fires as long as one of them would, as the worst of them."""
    block, bounds = StateBlock(), limits(hold, keep, sign, severities)
    block.add(0, "rule", "load", "s")
    alone = {rank: Alone(THRESHOLDS[rank], BACK[rank], hold, keep) for rank in severities}
    for number, value in enumerate(values, start=1):
        at = 1_000 * number
        block.judge(SLOTS, np.array([sign * value]), Now(at, at, False), bounds)
        fires = [rank for rank in severities if alone[rank].take(value, at)]
        assert block.shown(0) == max(fires, default=-1)


@given(st.lists(VALUES, min_size=1, max_size=20), LENGTHS, LENGTHS, st.integers(0, 6_000))
def test_time_alone_does_what_a_value_that_says_the_same_does(
    values: list[float], hold: int, keep: int, wait: int
) -> None:
    """Where no value comes, an instance moves at the moment at which the same value again would have moved it."""
    block, bounds = StateBlock(), limits(hold, keep)
    block.add(0, "rule", "load", "s")
    for number, value in enumerate(values, start=1):
        block.judge(SLOTS, np.array([value]), Now(1_000 * number, 1_000 * number, False), bounds)
    twin, last = block.copy(), 1_000 * len(values)
    twin.judge(SLOTS, np.array(values[-1:]), Now(last + wait, last + wait, False), bounds)
    for passed in range(0, wait + 1, 500):
        due = np.flatnonzero((block.due > 0) & (block.due <= last + passed))
        block.elapse(due, Now(last + passed, last + passed, False), bounds.hold, bounds.keep)
    late = wait % 500  # the next look is less than that ahead
    if not late or not (block.due[0] and block.due[0] <= last + wait):
        assert block.shown(0) == twin.shown(0)
        assert State(int(block.state[0])) is State(int(twin.state[0]))


@given(st.lists(VALUES, max_size=30), LENGTHS, LENGTHS)
def test_what_is_well_has_no_clocks(values: list[float], hold: int, keep: int) -> None:
    """A clock of an earlier life would count for a later one."""
    block, bounds = StateBlock(), limits(hold, keep)
    block.add(0, "rule", "load", "s")
    fresh = block.breached.copy()
    for number, value in enumerate(values, start=1):
        block.judge(SLOTS, np.array([value]), Now(1_000 * number, 1_000 * number, False), bounds)
        if block.state[0] == State.OK:
            assert (block.breached == fresh).all()
            assert (block.cleared == fresh).all()
            assert (block.due[0], block.severity[0]) == (0, -1)
        else:
            assert block.due[0] == 0 or block.due[0] > 1_000 * number
