"""Rows are looked for by name, and by a part of what stands under it, whatever has moved since the last look."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tables.kernel.index import Index

NAMES = ("a", "b")
moves = st.lists(st.tuples(st.integers(0, 99), st.sampled_from([(), ("a",), ("b",), NAMES])), max_size=30)


class Counted(str):
    """A key that counts how often keys are compared."""

    __slots__ = ()
    compared = 0

    def __lt__(self, other: str) -> bool:
        Counted.compared += 1
        return super().__lt__(other)


def filled(keys: list[str]) -> Index:
    """All keys under the name `a`."""
    index = Index()
    for key in keys:
        index.put(key, ("a",))
    return index


@given(st.lists(moves, max_size=4), st.integers(0, 99), st.integers(0, 99))
def test_a_part_of_a_name(rounds: list[list[tuple[int, tuple[str, ...]]]], first: int, last: int) -> None:
    """It is what looking through all keys of a name finds, in order, before and after any moves."""
    index, edges = filled([f"{n:02}" for n in range(0, 100, 2)]), (f"{first:02}", f"{last:02}")
    for round in [[], *rounds]:
        for n, names in round:
            index.put(f"{n:02}", names)
        for name in NAMES:
            known = sorted(key for key in index.get(name) if edges[0] <= key < edges[1])
            assert index.between(name, *edges) == known


def test_a_part_costs_what_is_in_it() -> None:
    """Once the keys of a name are in order, a part is found without looking at the rest, after few moves too."""
    index = filled([Counted(f"{n:05}") for n in range(10_000)])
    assert len(index.between("a", "00000", "00010")) == 10
    index.put("00011", ())
    Counted.compared = 0
    assert index.between("a", "00010", "00014") == ["00010", "00012", "00013"]
    assert Counted.compared < 50
