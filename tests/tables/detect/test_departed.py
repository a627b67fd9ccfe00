"""Counters that were forgotten: remembered for a while, as far as a row can hold them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tables.detect.series.departed import MOST, DepartedBlock
from tables.detect.series.slot_history import Terms
from tables.kernel.level import Level
from tables.kernel.row import LARGEST_ROW, Row

TERMS = Terms(departed=100, rest=10)


@given(st.lists(st.tuples(st.integers(0, 40), st.sets(st.sampled_from("abcdef"), max_size=3)), max_size=12))
def test_what_left_is_remembered_for_a_while(rounds: list[tuple[int, set[str]]]) -> None:
    """Each for as long as that, also after it has been written and read; what never left is not known."""
    block, now, left = DepartedBlock(), 0, dict[str, int]()
    for offset, (later, texts) in enumerate(rounds):
        now += later
        block.add(sorted(texts), offset, now, TERMS)
        left |= dict.fromkeys(texts, now)
        again = DepartedBlock.unpack(*block.pack())
        for one in (block, again):
            known = {text for text in "abcdefg" if one.has(text, offset, now - TERMS.departed)}
            assert known == {text for text, at in left.items() if at > now - TERMS.departed}


def test_a_row_stays_a_row() -> None:
    """However many leave, the newest are remembered; a replay from before still knows those that made room."""
    block = DepartedBlock()
    texts = [f'c{{n="{n}"}}' for n in range(MOST + 500)]
    block.add(texts[:MOST], 1, 1, TERMS)
    block.add(texts[MOST:], 2, 2, TERMS)
    assert len(Row("departed/g/00000", block).encode(Level("departed", DepartedBlock))) < LARGEST_ROW
    known = [[block.has(text, offset, -99) for text in texts] for offset in (2, 3)]
    assert sum(known[0]) >= MOST + 500
    assert sum(known[1]) < MOST + 20
    assert all(known[1][500:])
    block.add([], 3, 30, TERMS)
    assert len(block.marks) == MOST
    assert len(Row("departed/g/00000", block).encode(Level("departed", DepartedBlock))) < LARGEST_ROW


def test_copies_are_independent() -> None:
    """What leaves later is not in the copy of before."""
    block = DepartedBlock()
    block.add(["a"], 1, 1, TERMS)
    before = block.copy()
    block.add([f"b{n}" for n in range(MOST)], 2, 2, TERMS)
    assert before.has("a", 9, -99)
    assert not block.has("a", 9, -99)
    assert not before.has("b1", 9, -99)
