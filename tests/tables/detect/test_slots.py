"""What is kept compactly says what dictionaries and lists of objects would say, and is never changed by another's."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.documents.registry import read
from streams.documents.rule import Rule
from tables.detect.aggregate.compiled_rule import CompiledRule
from tables.detect.columns import pooled
from tables.detect.instances.instance_codec import COLUMNS
from tables.detect.instances.instance_keys import InstanceKeys
from tables.detect.instances.instances import StateBlock
from tables.detect.instances.lifecycle import Limits, Now
from tables.detect.slots.slot_numbers import SeriesNumbers, SlotNumbers, StateNumbers, WindowNumbers
from tables.detect.slots.uses import Use, Uses

SLOTS = np.arange(3)
RARE = [column.name for column in COLUMNS if column.rare]


def compiled(name: str, **condition: Any) -> CompiledRule:
    """A rule made ready."""
    rule = read("rule", {"name": name, "above": 1, **condition})
    assert isinstance(rule, Rule)
    return CompiledRule(rule)


RULES = [compiled("a", last="x"), compiled("b", quantile="0.9 of h", over="5m")]
NAMES: dict[type[SlotNumbers[Any, Any]], Any] = {
    SeriesNumbers: st.sampled_from(['a{n="1"}', 'a{n="2"}', "a", 'b{n="1"}', "b"]),
    StateNumbers: st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")),
    WindowNumbers: st.tuples(st.sampled_from("ab"), st.integers(0, 1), st.sampled_from("xyz")),
}


@pytest.mark.parametrize("kind", NAMES, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_numbers_are_those_of_a_dictionary(kind: type[SlotNumbers[Any, Any]], data: st.DataObject) -> None:
    """Names are given, given anew and forgotten."""
    numbers, known = kind(), dict[Any, int]()
    for name, number in data.draw(st.lists(st.tuples(NAMES[kind], st.none() | st.integers(0, 9)))):
        if number is not None:
            numbers[name] = known[name] = number
        elif name in known:
            del numbers[name], known[name]
        assert numbers == known
        assert len(numbers) == len(known)
        assert (numbers.get(name), name in numbers) == (known.get(name), name in known)
    for group, some in numbers.groups.items():
        assert {numbers.join(group, rest): number for rest, number in some.items()}.items() <= known.items()
        assert numbers.of(group)


def test_who_has_nothing_in_common_has_no_numbers() -> None:
    """A metric or rule of which there is no name."""
    assert dict(SeriesNumbers().of("a")) == {}


steps = st.tuples(
    st.sampled_from(["note", "note", "drop", "read"]),
    st.sampled_from(RULES),
    st.integers(0, 1),  # role
    st.integers(0, 3),  # series
    st.integers(0, 9),  # state
    st.sampled_from([nan, 0.5, inf]),
)


@given(st.lists(steps))
def test_uses_are_those_of_a_dictionary(some: list[tuple[str, CompiledRule, int, int, int, float]]) -> None:
    """They are noted, noted anew, dropped and read in any order."""
    uses, known = Uses(), dict[tuple[str, int, int], Use]()
    for what, rule, role, series, state, bound in some:
        place = rule.id, role, series
        if what == "note":
            use = Use(rule, role, f"f{role}", series, state - 1, state, bound if rule.histogram else nan)
            uses.note(use)
            known[place] = use
        elif what == "drop":
            uses.drop(*place)
            known.pop(place, None)
        else:
            assert sorted(uses, key=_place) == sorted(known.values(), key=_place)
        assert uses.find(*place) == known.get(place)
    assert sorted(uses, key=_place) == sorted(known.values(), key=_place)
    feeding = [(use.state, use.series) for use in known.values() if 2 <= use.state < 5]
    assert sorted(uses.feeding(2, 5)) == sorted(feeding)
    for rule in RULES:
        mine = [use for use in known.values() if use.compiled is rule]
        assert sorted(uses.of(rule.id), key=_place) == sorted(mine, key=_place)
        uses.forget(rule.id)
        assert uses.of(rule.id) == []
    assert list(uses) == []


def _place(use: Use) -> tuple[str, int, int]:
    return use.compiled.id, use.role, use.series


@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from("ab"), st.sampled_from("xyz"))))
def test_keys_are_those_of_a_list(some: list[tuple[int, str, str]]) -> None:
    """Slots are given in any order; what lies between is vacant."""
    keys, known = InstanceKeys(), list[tuple[str, str]]()
    for slot, rule, text in some:
        before, was = keys, list(keys)
        keys = keys.put(slot, rule, text)
        known += [("", "")] * (slot + 1 - len(known))
        known[slot] = rule, text
        assert list(keys) == known
        assert (keys[slot], keys[1:3], len(keys)) == (known[slot], known[1:3], len(known))
        assert list(before) == was


def test_what_holds_the_same_is_one_column() -> None:
    """It can be read only, and a part of a larger one keeps no more than itself."""
    whole = np.arange(1_000)
    column = pooled(whole[10:20])
    assert column is pooled(np.arange(10, 20))
    assert column is not pooled(np.arange(10, 20).astype(float))
    assert column.base is None
    with pytest.raises(ValueError, match="read-only"):
        column[0] = 1
    assert whole.flags.writeable


def judged(block: StateBlock, value: float, at: int) -> None:
    """Three instances get a value: wrong above 1."""
    beyond, none = np.full((3, 3), [np.nan, np.nan, 1.0]), np.zeros(3, dtype=np.int64)
    limits = Limits(beyond, beyond, np.ones(3), none, none, none, np.ones(3), np.zeros(3, dtype=bool))
    block.judge(SLOTS, np.full(3, value), Now(at, at, False), limits)


def written(block: StateBlock) -> StateBlock:
    """The block as a restart reads it."""
    meta, raw = block.pack()
    return StateBlock.unpack(orjson.loads(orjson.dumps(meta)), raw)


def test_what_is_well_takes_no_memory_for_what_is_not() -> None:
    """Columns that only firing instances need are one for all blocks, until one fires, and again when all is told."""
    block, other = StateBlock(), StateBlock()
    for slot in SLOTS.tolist():
        block.add(slot, "r", f"k{slot}", "s")
        other.add(slot, "r", f"k{slot}", "s")
    judged(block, 0.0, 1)
    assert all(getattr(block, name) is getattr(other, name) for name in RARE)
    before = block.copy()
    judged(block, 2.0, 2)
    assert not any(getattr(block, name) is getattr(other, name) for name in ("beyond_at", "breached"))
    assert (block.beyond_at[0], before.beyond_at[0]) == (2, other.beyond_at[0])
    for slot in SLOTS.tolist():
        block.tell(slot, "t")
    assert written(block).beyond_at[0] == 2
    judged(block, 0.0, 3)
    for slot in SLOTS.tolist():
        block.tell(slot, "t")
    again = written(block)
    assert all(getattr(block, name) is getattr(other, name) for name in RARE)
    assert all(getattr(again, name) is getattr(other, name) for name in RARE)
