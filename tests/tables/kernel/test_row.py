"""Rows as bytes: they read back as they were, and damage is known for what it is."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import DamagedState, NewerSchema
from streams.signature import Signer
from tables.kernel.level import Level, level_name
from tables.kernel.row import ROW_SCHEMA, Quarantine, Row, decode
from tables.stages import STAGES
from tables.world import KEY
from tests.tables.kernel.harness import MOLE, ZEBRA, Columns, Thing
from tests.tables.torture import logs

PLAIN = Level("plain", Thing)  # a level whose rows keep deadlines of their own


@cache
def stored() -> list[tuple[Level[Any], str, bytes]]:
    """One row of each level of each stage, from a random life."""
    rows: dict[tuple[str, str], tuple[Level[Any], str, bytes]] = {}
    for stage, log in logs(4, 40).items():
        machine = STAGES[stage]("p-0", Signer([KEY]))
        for offset, record in enumerate(log):
            machine.apply(offset, *record)
        for key, raw in machine.snapshot():
            if raw:
                rows[stage, level_name(key)] = (machine.level_of(key), key, raw)
    return [rows[place] for place in sorted(rows)]


quarantines = st.none() | st.builds(Quarantine, st.integers(1, 99), st.text(), st.integers(0, 2**60))


@given(
    st.builds(Thing, st.integers(-9, 9), st.none() | st.integers(0, 2**60)),
    st.integers(-1, 2**60),
    quarantines,
)
def test_round_trip(thing: Thing, seen: int, quarantine: Quarantine | None) -> None:
    """All that a replay needs is in the bytes; when a row is due follows from what it holds, or from its quarantine."""
    row = Row("zebra/a", thing, seen, 5, 6)
    row.quarantine = quarantine
    row.settle(ZEBRA)
    again = decode("zebra/a", row.encode(ZEBRA), ZEBRA)
    assert (again.seen, again.memory()) == (row.seen, row.memory())
    assert again.deadline == (quarantine.retry_at if quarantine else thing.due)


@given(st.integers(0, 9), st.none() | st.integers(0, 2**60), st.booleans())
def test_a_deadline_of_a_rows_own_is_kept(number: int, deadline: int | None, columnar: bool) -> None:
    """Levels without a deadline function, of columns or of structs."""
    level: Level[Any] = MOLE if columnar else PLAIN
    row = Row[Any]("k/a", Columns(number) if columnar else Thing(number), 1, 0, 2)
    row.deadline = deadline
    again = decode("k/a", row.encode(level), level)
    assert (again.seen, again.memory()) == (row.seen, row.memory())


@pytest.mark.parametrize("level", [ZEBRA, MOLE, PLAIN], ids=lambda level: level.name)
def test_a_dead_row_keeps_that_it_is_dead(level: Level[Any]) -> None:
    """Its value is gone, whatever it was: columns are blank again, and all else is nothing."""
    row = Row[Any]("k/a", Columns(3) if level is MOLE else Thing(3, 5), 1, 0, 2)
    row.dead = True
    again = decode("k/a", row.encode(level), level)
    assert (again.dead, again.deadline, again.sent) == (True, None, 2)
    assert again.value == level.blank()


@given(st.data())
def test_damage_is_known_for_what_it_is(data: st.DataObject) -> None:
    """A row cut short or with a flipped bit reads back, or raises DamagedState, and nothing else."""
    level, key, raw = data.draw(st.sampled_from(stored()), "row")
    cut = bytearray(raw[: data.draw(st.integers(0, len(raw)), "length")])
    for place in (
        data.draw(st.lists(st.integers(0, max(len(cut) - 1, 0)), max_size=3), "places") if cut else ()
    ):
        cut[place] ^= 1 << data.draw(st.integers(0, 7), "bit")
    with suppress(DamagedState, NewerSchema):
        decode(key, bytes(cut), level)


def test_every_level_was_damaged() -> None:
    """The rows above are of every level that a random life fills."""
    levels = {level.name for level, _, _ in stored()}
    assert {
        "head",
        "config",
        "gateway",
        "series",
        "aggregate",
        "instance",
        "team",
        "alert",
        "group",
        "escalation",
    } <= levels
    assert {"recipient", "intent", "dispatch", "attempt"} <= levels


@pytest.mark.parametrize("name", ["series", "aggregate", "instance"])
def test_a_cut_column_is_damage(name: str) -> None:
    """A columnar row of which bytes are missing, or that has too many, never reads back."""
    level, key, raw = next(row for row in stored() if row[0].name == name)
    for bad in (raw[:-1], raw + b"\0", raw[: raw.index(b"\0")]):
        with pytest.raises(DamagedState, match=key):
            decode(key, bad, level)


def test_bytes_behind_a_struct_are_damage() -> None:
    """Only columns have raw bytes."""
    with pytest.raises(DamagedState, match="bytes stand behind its value"):
        decode("zebra/a", Row("zebra/a", Thing(1)).encode(ZEBRA) + b"\0x", ZEBRA)


@pytest.mark.parametrize(
    "head",
    [
        [ROW_SCHEMA, 0, 0, 0, None, False, None],
        [ROW_SCHEMA, "0", 0, 0, None, False, None, {"number": 1}],
        [ROW_SCHEMA, 0, 0, 0, 1.5, False, None, {"number": 1}],
        [ROW_SCHEMA, 0, 0, 0, None, 0, None, {"number": 1}],
        [ROW_SCHEMA, 0, 0, 0, None, False, 5, {"number": 1}],
        [ROW_SCHEMA, 0, 0, 0, None, False, [1, "why"], {"number": 1}],
        [ROW_SCHEMA, 0, 0, 0, None, False, None, []],
        [ROW_SCHEMA, 0, 0, 0, None, False, None, {"numbre": 1}],
        [ROW_SCHEMA, 0, 0, 0, None, False, None, {"number": "1"}],
        [ROW_SCHEMA - 1, 0, 0, 0, None, False, None, {"number": 1}],
        ["2", 0, 0, 0, None, False, None, {"number": 1}],
        [],
        {},
        5,
    ],
)
def test_a_head_that_is_none_is_damage(head: object) -> None:
    """Offsets and counts are whole numbers, and a value has the type of its level."""
    with pytest.raises(DamagedState, match="row zebra/a"):
        decode("zebra/a", msgspec.json.encode(head), ZEBRA)


def test_a_row_of_no_level_is_damage() -> None:
    """A key that no level of the machine has is named."""
    with pytest.raises(DamagedState, match=r"row yak/a: .*no level of this machine has such a name"):
        decode("yak/a", Row("yak/a", Thing(1)).encode(ZEBRA), None)


def test_a_newer_row_stops() -> None:
    """A row of a schema from the future is not damage: this version is too old for it."""
    with pytest.raises(NewerSchema, match="update it first"):
        decode("zebra/a", b'[%d,0,0,0,null,false,null,{"later":1}]' % (ROW_SCHEMA + 1), ZEBRA)
