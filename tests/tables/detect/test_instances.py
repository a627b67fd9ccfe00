"""Rule states: the table is walked entry by entry, and thresholds act with hysteresis."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tables.detect.columns import NEVER
from tables.detect.instances.instances import StateBlock
from tables.detect.instances.lifecycle import TRANSITIONS, Cause, Limits, Now, State

SLOT = np.array([0])


def limits(hold: int = 0, keep: int = 0, missed: int = 0, sign: float = 1.0) -> Limits:
    """Warning from 50, critical from 90; recovered below 45 and 81."""
    beyond, back = np.array([[np.nan, 50.0, 90.0]]), np.array([[np.nan, 45.0, 81.0]])
    first = np.nanmin(beyond, axis=1)
    held, kept, gone = (np.array([number], dtype=np.int64) for number in (hold, keep, missed))
    return Limits(beyond, back, np.array([sign]), held, kept, gone, first, np.array([False]))


def instance() -> StateBlock:
    """A block of one instance."""
    block = StateBlock()
    block.add(0, "rule", "cpu", "s")
    return block


def seen(values: list[float], bounds: Limits, every: int = 1_000) -> list[tuple[State, int]]:
    """How the instance stands after each value."""
    block, found = instance(), []
    for n, number in enumerate(values):
        block.judge(SLOT, np.array([number]), Now(n * every + 1, n * every + 1, False), bounds)
        found.append((State(int(block.state[0])), block.shown(0)))
    return found


@pytest.mark.parametrize(("state", "cause"), list(product(State, Cause)), ids=str)
def test_every_move_is_in_the_table(state: State, cause: Cause) -> None:
    """What the table says happens, and what it does not say does not."""
    block = instance()
    block.state[0], block.severity[0] = state, 1 if state >= State.FIRING else -1
    block.move(SLOT, cause, Now(7, 8, False), np.array([1]) if cause is Cause.ABSENT else None)
    after = TRANSITIONS.get((state, cause), state)
    assert State(int(block.state[0])) is after
    assert (block.shown(0) >= 0) == (
        after >= State.FIRING and (state >= State.FIRING or cause is Cause.ABSENT)
    )
    assert after is not State.OK or not (block.cleared[0] != NEVER).any()


def test_no_state_is_a_trap() -> None:
    """Every state can be reached from OK, and OK from every state."""
    moves = {(before, after) for (before, _), after in TRANSITIONS.items()}
    for start, back in ((State.OK, False), (State.OK, True)):
        known = {start}
        for _ in State:
            known |= {(b if not back else a) for a, b in moves if (a if not back else b) in known}
        assert known == set(State)


def test_a_threshold_is_exceeded_not_reached() -> None:
    """Fifty is not above fifty, and forty-five is not below its recovery."""
    assert seen([50, 50.01, 45.01, 45], limits()) == [
        (State.OK, -1),
        (State.FIRING, 1),
        (State.FIRING, 1),
        (State.OK, -1),
    ]


def test_between_the_thresholds_nothing_changes() -> None:
    """The severity rises at its threshold and falls past its recovery threshold."""
    found = seen([60, 95, 85, 80, 95, 47, 44], limits())
    assert [shown for _, shown in found] == [1, 2, 2, 1, 2, 1, -1]


def test_below_works_the_other_way_round() -> None:
    """For a rule that says below, all is mirrored."""
    assert [shown for _, shown in seen([-10, -60, -95, -47, -44], limits(sign=-1.0))] == [-1, 1, 2, 1, -1]


def test_for_is_waited_out() -> None:
    """A breach shorter than `for` is never told; a longer one is, from its start on."""
    found = seen([60, 60, 10, 60, 60, 60, 60], limits(hold=3_000))
    assert [state for state, _ in found] == [
        State.PENDING, State.PENDING, State.OK, State.PENDING, State.PENDING, State.PENDING, State.FIRING,
    ]  # fmt: skip


def test_keep_firing_for_bridges_a_lull() -> None:
    """A lull shorter than `keep_firing_for` ends nothing; a longer one does."""
    found = seen([60, 10, 10, 60, 10, 10, 10, 10], limits(keep=3_000))
    assert [shown for _, shown in found] == [1, 1, 1, 1, 1, 1, 1, -1]


def test_each_severity_holds_for_its_own_time() -> None:
    """It fires as what has held; what is worse by then has to hold for as long itself."""
    assert [shown for _, shown in seen([60, 95, 95, 95], limits(hold=2_000))] == [-1, -1, 1, 2]
    assert [shown for _, shown in seen([95, 95, 95], limits(hold=2_000))] == [-1, -1, 2]
    assert [shown for _, shown in seen([60, 60, 60, 95, 60, 95, 95, 60], limits(hold=2_000))][2:] == [1] * 6


@pytest.mark.parametrize(("patience", "states"), [(3, [0, 0, 2]), (0, [0, 0, 0])])
def test_absence_is_counted(patience: int, states: list[int]) -> None:
    """After so many frames without a value the rule alerts, with its lowest severity; or never."""
    block, found = instance(), []
    for n in range(3):
        block.miss(SLOT, Now(n, n, False), limits(missed=patience))
        found.append(int(block.state[0]))
    assert found == states
    assert block.shown(0) == (1 if patience else -1)


def test_a_value_ends_the_count() -> None:
    """Missed frames count in a row."""
    block, bounds = instance(), limits(missed=2)
    for n in range(6):
        if n % 2:
            block.miss(SLOT, Now(n, n, False), bounds)
        else:
            block.judge(SLOT, np.array([1.0]), Now(n, n, False), bounds)
    assert int(block.state[0]) == State.OK


def test_what_fires_and_ends_while_away_is_marked() -> None:
    """The world is told once of what it could not have seen."""
    block, bounds = instance(), limits()
    block.judge(SLOT, np.array([60.0]), Now(1, 1, True), bounds)
    block.judge(SLOT, np.array([1.0]), Now(2, 1, True), bounds)
    assert block.all_untold() == [0]
    block.tell(0, "t")
    assert (block.all_untold(), int(block.turn[0])) == ([], 1)


@given(st.lists(st.floats(0, 120, width=16), max_size=30), st.integers(0, 5_000), st.integers(0, 5_000))
def test_it_never_flaps_between_thresholds(values: list[float], hold: int, keep: int) -> None:
    """However values move, an instance fires only after a breach, and ends only after a recovery."""
    before = -1
    for number, (_, shown) in zip(values, seen(values, limits(hold, keep)), strict=True):
        if before < 0 <= shown:
            assert number > 50
        if shown < 0 <= before:
            assert number <= 45
        if shown > before >= 0:
            assert number > 90
        before = shown


@given(st.lists(st.sampled_from([10.0, 60.0, 95.0]), min_size=1, max_size=20), st.data())
def test_a_copy_is_independent(values: list[float], data: st.DataObject) -> None:
    """Columns are shared until one of the two writes to them, and what one writes the other never sees."""
    block, bounds = instance(), limits(1_000, 1_000)
    copies = []
    for n, number in enumerate(values):
        copies.append((twin := block.copy(), twin.pack()))
        if data.draw(st.booleans()):
            block = block.copy()
        block.judge(SLOT, np.array([number]), Now(n * 700, n * 700, False), bounds)
    assert all(twin.pack() == packed for twin, packed in copies)


@pytest.mark.parametrize(("gap", "fires"), [(30_000, True), (31_000, False)])
def test_silence_does_not_count(gap: int, fires: bool) -> None:
    """What was not heard of for longer than samples usually take has not held meanwhile, and waits for the rest."""
    block, bounds = instance(), limits(hold=20_000)
    block.judge(SLOT, np.array([60.0]), Now(1, 1, False, 30_000), bounds)
    block.judge(SLOT, np.array([60.0]), Now(5_001, 5_001, False, 30_000), bounds)
    block.judge(SLOT, np.array([60.0]), Now(5_001 + gap, 6_001, False, 30_000), bounds)
    assert (State(int(block.state[0])) is State.FIRING) == fires
    assert fires or block.due[0] == 6_001 + 15_000


def test_a_rule_that_is_edited_to_wait_for_longer_waits_for_longer() -> None:
    """What is pending is not overdue by the time that was planned before the edit."""
    block, before, after = instance(), limits(hold=60_000), limits(hold=300_000)
    block.judge(SLOT, np.array([60.0]), Now(1_000, 1_000, False), before)
    assert block.due[0] == 61_000
    for at, shown in ((61_000, -1), (300_999, -1), (301_000, 1)):
        block.elapse(SLOT, Now(at, at, False), after.hold, after.keep)
        assert block.shown(0) == shown
    assert block.due[0] == 0


@pytest.mark.parametrize("before", [60.0, 95.0])
def test_absence_lowers_nothing(before: float) -> None:
    """What fires keeps its severity when its series goes, is told of once more, and once more when a value comes."""
    block, bounds = instance(), limits(keep=5_000, missed=2)
    block.judge(SLOT, np.array([before]), Now(1, 1, False), bounds)
    block.tell(0, "t")
    shown = block.shown(0)
    for at in (2, 3):
        block.miss(SLOT, Now(at, at, False), bounds)
    assert (block.shown(0), block.all_untold(), block.deadline()) == (shown, [0], None)
    block.tell(0, "t")
    block.judge(SLOT, np.array([before]), Now(4, 4, False), bounds)
    assert (block.shown(0), block.all_untold()) == (shown, [0])
