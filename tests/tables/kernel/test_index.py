"""Rows are looked for by shelf, and by a part of a shelf, whatever has moved since it was last looked at."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tables.kernel.index import Shelves

NAMES = ("a", "b")
moves = st.lists(st.tuples(st.integers(0, 99), st.sampled_from([(), ("a",), ("b",), NAMES])), max_size=30)


class Counted(str):
    """A key that counts how often keys are compared."""

    __slots__ = ()
    compared = 0

    def __lt__(self, other: str) -> bool:
        Counted.compared += 1
        return super().__lt__(other)


def filled(keys: list[str]) -> Shelves:
    """All keys on shelf `a`."""
    shelves = Shelves()
    for key in keys:
        shelves.put(key, ("a",))
    return shelves


@given(st.lists(moves, max_size=4), st.integers(0, 99), st.integers(0, 99))
def test_a_part_of_a_shelf(rounds: list[list[tuple[int, tuple[str, ...]]]], first: int, last: int) -> None:
    """It is what looking through the whole shelf finds, in order, before and after any moves."""
    shelves, edges = filled([f"{n:02}" for n in range(0, 100, 2)]), (f"{first:02}", f"{last:02}")
    for round in [[], *rounds]:
        for n, names in round:
            shelves.put(f"{n:02}", names)
        for name in NAMES:
            known = sorted(key for key in shelves.get(name) if edges[0] <= key < edges[1])
            assert shelves.between(name, *edges) == known


def test_a_part_costs_what_is_in_it() -> None:
    """Once a shelf is in order, a part of it is found without looking at the rest, and few moves do not change that."""
    shelves = filled([Counted(f"{n:05}") for n in range(10_000)])
    assert len(shelves.between("a", "00000", "00010")) == 10
    shelves.put("00011", ())
    Counted.compared = 0
    assert shelves.between("a", "00010", "00014") == ["00010", "00012", "00013"]
    assert Counted.compared < 50
