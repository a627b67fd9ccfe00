"""A level may stand anywhere in a machine's order, whatever it is called: laws 3 and 4 hold by rank alone."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.signature import Signer
from tables.kernel.level import Level, level_name
from tables.world import KEY
from tests.tables.derived import derived, rebuilt
from tests.tables.kernel.twelve import MIDDLE, Twelve, cells, life, ordered
from tests.tables.mutants import (
    by_name,
    careless,
    deadline_losing,
    entryless,
    poisoned,
    stumbling,
    upstream_first,
)
from tests.tables.torture import faults, plain

SEEDS = range(6)
known_life = cache(life)


def swapped(place: int) -> list[Level[Any]]:
    """The levels, two neighbours of which have changed places."""
    levels = list(MIDDLE)
    levels[place], levels[place + 1] = levels[place + 1], levels[place]
    return levels


def found(kind: type[Twelve], **more: Any) -> bool:
    """Whether the torture sees that something is wrong with a machine."""
    return any(faults(kind, known_life(seed), seed, **more) for seed in SEEDS)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", [Twelve, poisoned(Twelve), stumbling(Twelve)])
def test_torture(kind: type[Twelve], seed: int) -> None:
    """However often it dies within its write-outs, and whatever fails, all twelve levels are those of a calm run."""
    assert faults(kind, known_life(seed), seed) == []


def test_the_torture_has_what_it_needs() -> None:
    """Each level has rows, is written and ends rows; something is told, fails and is quarantined."""
    out, rows = plain(poisoned(Twelve), life(1, 200))
    assert len(Twelve.levels) == 12
    assert {level_name(key) for key in rows} >= {level.name for level in Twelve.levels[:-1]}
    assert sum(b'"kind":"change"' in output.raw for output in out) > 100
    assert any("poison" in output.reason and "item" in output.id for output in out)
    assert any(
        "poison" in output.reason and output.id.rpartition("!")[2].startswith("yak/") for output in out
    )
    assert [level.name for level in MIDDLE] != sorted(level.name for level in MIDDLE)


@settings(max_examples=25, deadline=None)
@given(st.permutations(MIDDLE), st.integers(0, 5))
def test_levels_in_any_order(levels: list[Level[Any]], seed: int) -> None:
    """Whatever the ranks of these names are, the laws hold."""
    assert faults(poisoned(ordered(levels)), known_life(seed), seed) == []


@pytest.mark.parametrize("place", range(len(MIDDLE) + 1))
@pytest.mark.parametrize("name", ["aaa", "zzz"])
def test_a_new_level_anywhere(name: str, place: int) -> None:
    """A level that is added between any two others, first or last by its name, keeps the laws."""
    levels = [*MIDDLE[:place], cells(name, emits=place % 2 == 0), *MIDDLE[place:]]
    assert faults(poisoned(ordered(levels)), known_life(place % 6), place) == []


@pytest.mark.parametrize("place", range(len(MIDDLE) - 1))
def test_a_wrong_rank_is_found(place: int) -> None:
    """Two neighbours whose effects flow against their ranks break the law, and the torture sees it."""
    assert found(ordered(swapped(place), flow=MIDDLE))


def test_names_for_ranks_are_found() -> None:
    """Rows written in the order of their levels' names break the law, and the torture sees it."""
    assert found(Twelve, order=by_name)


def test_upstream_first_is_found() -> None:
    """So do rows written upstream first."""
    assert found(Twelve, order=upstream_first)


def test_missing_entry_rows_are_found() -> None:
    """So does a message that is not skipped whole on a replay."""
    assert found(entryless(Twelve))


def test_lost_deadlines_are_found() -> None:
    """So does a rollback that forgets when rows are due."""
    assert found(deadline_losing(stumbling(Twelve)))


def test_one_savepoint_for_all_is_found() -> None:
    """Without savepoints of their own, a failing item takes the others of its message with it."""
    whole, reckless = (plain(kind, known_life(1))[0] for kind in (Twelve, careless(Twelve)))
    assert len(reckless) < len(whole)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_machine_from_its_rows_equals_the_living_one(seed: int) -> None:
    """At any point of a random life: index, deadlines, documents."""
    machine, store, rnd = Twelve("p-0", Signer([KEY])), dict[str, bytes](), random.Random(seed)
    for offset, (stamp, raw) in enumerate(known_life(seed)):
        machine.apply(offset, stamp, raw)
        if rnd.random() < 0.2:
            again = derived(rebuilt(machine, store))
            for what, living in derived(machine).items():
                assert again[what] == living, what
