"""Rows as bytes: they read back as they were, and damage is known for what it is."""

from __future__ import annotations

from contextlib import suppress
from functools import cache

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import DamagedState, NewerSchema
from streams.signature import Signer
from tables.kernel.configuration import Configured
from tables.kernel.row import Row, decode, level
from tables.stages import STAGES
from tables.world import KEY
from tests.tables.torture import logs

json = st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | st.text(), st.lists, max_leaves=5)


@cache
def stored() -> list[tuple[type[Configured], str, bytes]]:
    """One row of each level of each stage, from a random life."""
    found: dict[tuple[str, str], tuple[type[Configured], str, bytes]] = {}
    for stage, log in logs(4, 40).items():
        machine = STAGES[stage]("p-0", Signer([KEY]))
        for offset, record in enumerate(log):
            machine.apply(offset, *record)
        found |= {(stage, level(key)): (STAGES[stage], key, raw) for key, raw in machine.snapshot() if raw}
    return [found[place] for place in sorted(found)]


@given(
    st.dictionaries(st.text(), json), st.integers(-1, 2**60), st.none() | st.integers(0, 2**60), st.booleans()
)
def test_round_trip(value: dict[str, object], seen: int, wake: int | None, dead: bool) -> None:
    """All that a replay needs is in the bytes."""
    row = Row("4/a", value, seen, 5, 6)
    row.deadline, row.dead, row.quarantine = wake, dead, [1, "why"]
    again = decode("4/a", row.encode(), None)
    assert (again.seen, again.memory()) == (row.seen, row.memory())


@given(st.data())
def test_damage_is_known_for_what_it_is(data: st.DataObject) -> None:
    """A row cut short or with a flipped bit reads back, or raises DamagedState, and nothing else."""
    kind, key, raw = data.draw(st.sampled_from(stored()), "row")
    cut = bytearray(raw[: data.draw(st.integers(0, len(raw)), "length")])
    for place in (
        data.draw(st.lists(st.integers(0, max(len(cut) - 1, 0)), max_size=3), "places") if cut else ()
    ):
        cut[place] ^= 1 << data.draw(st.integers(0, 7), "bit")
    with suppress(DamagedState, NewerSchema):
        decode(key, bytes(cut), kind.codecs.get(level(key)))


@pytest.mark.parametrize("level", ["3", "4", "5"])
def test_a_cut_column_is_damage(level: str) -> None:
    """A columnar row of which bytes are missing, or that has too many, never reads back."""
    kind, key, raw = next(one for one in stored() if one[1][0] == level and one[0].stage == "detect")
    for bad in (raw[:-1], raw + b"\0", raw[: raw.index(b"\0")]):
        with pytest.raises(DamagedState, match=key):
            decode(key, bad, kind.codecs[level])


@pytest.mark.parametrize(
    "head",
    [
        [1, 0, 0, 0, None, False, None],
        [1, "0", 0, 0, None, False, None, {}],
        [1, 0, 0, 0, 1.5, False, None, {}],
        [1, 0, 0, 0, None, 0, None, {}],
        [1, 0, 0, 0, None, False, 5, {}],
        [1, 0, 0, 0, None, False, None, []],
        {},
        5,
    ],
)
def test_a_head_that_is_none_is_damage(head: object) -> None:
    """Offsets and counts are whole numbers, and a value is an object."""
    with pytest.raises(DamagedState, match="row 4/a"):
        decode("4/a", orjson.dumps(head), None)


def test_a_newer_row_stops() -> None:
    """A row of a schema from the future is not damage: this version is too old for it."""
    with pytest.raises(NewerSchema, match="update it first"):
        decode("4/a", b"[2,0,0,0,null,false,null,{}]", None)
