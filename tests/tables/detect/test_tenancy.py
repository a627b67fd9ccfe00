"""Slots that are given back, and given again."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from streams.errors import Broken
from streams.signature import Signer
from tables.detect.machine import Detect
from tables.detect.series.free_slots import FreeSlots
from tables.detect.series.series_block import SeriesBlock
from tables.detect.series.slot_history import SlotHistory, Standing
from tables.detect.series.slot_index import SlotIndex
from tables.kernel.row import Row
from tables.world import KEY

LEFT, BACK, NOW = 10, 20, 1_000


@pytest.mark.parametrize(
    ("offset", "standing"),
    [
        (9, Standing.HELD),
        (10, Standing.HELD),
        (11, Standing.VACANT),
        (500, Standing.VACANT),
    ],
)
def test_a_slot_that_was_left(offset: int, standing: Standing) -> None:
    """It was held up to the message that left it, and is vacant for all that come later."""
    assert SlotHistory().leave([3], LEFT, NOW).standing(3, offset) is standing


@pytest.mark.parametrize(
    ("offset", "standing"),
    [(10, Standing.HELD), (15, Standing.AHEAD), (20, Standing.COMING), (21, Standing.HELD)],
)
def test_a_slot_that_was_given_again(offset: int, standing: Standing) -> None:
    """A replay learns from a newer block that the slot was vacant, and which message gives it."""
    history = SlotHistory().leave([3], LEFT, NOW).come(3, BACK, NOW + 5, other=True)
    assert history.standing(3, offset) is standing
    assert dict(history.vacancies(offset)) == ({} if offset > BACK else {3: NOW})
    assert history.lost == LEFT


def test_tenancies_read_back() -> None:
    """What is packed comes back; a block of before there were vacancies has none."""
    history = SlotHistory().leave([1, 3, 7], LEFT, NOW).come(3, BACK, NOW + 5, other=False)
    assert SlotHistory.unpack(history.pack()) == history
    assert SlotHistory.unpack(None) == SlotHistory()


def test_what_no_replay_reaches_is_forgotten() -> None:
    """Comings are kept as long as a slot rests, and no longer."""
    history = SlotHistory().leave([3], LEFT, NOW).come(3, BACK, NOW + 5, other=False)
    assert history.settled(NOW + 5) == history
    assert not history.settled(NOW + 6).came


def test_a_replay_that_reaches_what_was_forgotten_is_refused() -> None:
    """It would find the slot as it is now, and give its name another one."""
    history = SlotHistory().leave([3], LEFT, NOW).come(3, BACK, NOW + 5, other=False)
    assert (history.lost, history.settled(NOW + 5).lost) == (-1, -1)
    assert history.settled(NOW + 6).lost == BACK
    assert history.settled(NOW + 6).beyond(BACK + 1).lost == BACK + 1
    assert history.settled(NOW + 6).beyond(-1).lost == BACK
    block, life = SeriesBlock(), Detect("d-0", Signer([KEY]))
    block.add(0, "c", "s")
    block.history = history.settled(NOW + 6)
    life.rows["series/g/00000"] = Row("series/g/00000", block, seen=BACK + 5)
    for offset, refused in ((BACK, True), (BACK + 1, False), (BACK + 6, False)):
        with pytest.raises(Broken, match="too new for a replay") if refused else nullcontext():
            SlotIndex("g", life.rows, life.inputs, offset, life.terms.rest)


def test_who_came_back_lately_does_not_leave() -> None:
    """Of each slot one leaving can be told from a later block, so that there is never a second one within a replay."""
    history = SlotHistory().leave([3], LEFT, NOW).come(3, BACK, NOW + 5, other=False)
    assert history.leave([3], 30, NOW + 6) == history
    assert 3 in history.settled(NOW + 6).leave([3], 30, NOW + 6).left


def test_a_slot_rests_before_another_name_gets_it() -> None:
    """The lowest slot that has rested is given; one that its own name took back is not."""
    vacancies = FreeSlots(rest=100)
    for number, since in ((5, 0), (2, 50), (9, 0)):
        vacancies.add(number, since)
    assert [vacancies.lowest(at) for at in (99, 100, 150)] == [None, 5, 2]
    vacancies.remove(2)
    assert (vacancies.lowest(150), vacancies.count(150)) == (5, 2)
