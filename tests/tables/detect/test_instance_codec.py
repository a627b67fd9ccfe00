"""Bytes of before: a block that was written with one clock for all severities goes on as it stood."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import DamagedState
from tables.detect.columns import NEVER, pack
from tables.detect.instances import StateBlock
from tables.detect.lifecycle import Limits, Now, State


def stored() -> tuple[dict[str, Any], bytes]:
    """What is well, pending for critical, firing as critical, and recovering from warning, in the first layout."""
    block = StateBlock()
    for slot, key in enumerate("abcd"):
        block.add(slot, "r", key, "s")
    meta, _ = block.pack()
    size = len(block.state)

    def column(kind: str, *numbers: float, fill: int = 0) -> Any:
        return np.array([*numbers, *[fill] * (size - len(numbers))], dtype=kind)

    raw = pack(
        [
            column("<i1", 0, 1, 2, 3), column("<i1", -1, 2, 2, 1, fill=-1), column("<i1", -1, -1, 2, 1, fill=-1),
            column("<i1", 0, 0, 2, 1), column("<i1"), column("<i4"), column("<i4", 1, 1, 2, 2),
            column("<i8", 0, 4_000, 1_000, 1_000), column("<i8", 0, 0, 0, 4_500), column("<i8", 0, 7_000, 0, 7_500),
            column("<i8", *[5_000] * 4), column("<f8", 10, 95, 95, 10),
        ]
    )  # fmt: skip
    del meta["layout"]
    known = {"owners": [[2, "platform"], [3, "platform"]], "rounds": [5, 6]}
    return orjson.loads(orjson.dumps(meta | known)), raw


def limits(size: int) -> Limits:
    """Warning from 50, critical from 90, for 3 s each way."""
    beyond = np.tile([np.nan, 50.0, 90.0], (size, 1))
    held, missed = (np.full(size, length, dtype=np.int64) for length in (3_000, 0))
    first, counts = np.full(size, 50.0), np.zeros(size, dtype=bool)
    return Limits(beyond, beyond, np.ones(size), held, held, missed, first, counts)


def test_what_stood_goes_on() -> None:
    """What waited waits for the rest of its time; what fired fires, and nobody is told of it once more."""
    block = StateBlock.unpack(*stored())
    assert [State(int(state)) for state in block.state[:4]] == list(State)
    assert [block.shown(slot) for slot in range(4)] == [-1, -1, 2, 1]
    assert block.all_untold() == []
    assert (block.sweep, block.refresh, block.values) == (5, 6, 0)
    slots, bounds = np.arange(4), limits(len(block.state))
    block.judge(slots, np.array([10.0, 95.0, 95.0, 10.0]), Now(6_900, 6_900, False), bounds)
    assert [block.shown(slot) for slot in range(4)] == [-1, -1, 2, 1]
    block.judge(slots, np.array([10.0, 95.0, 95.0, 10.0]), Now(7_500, 7_500, False), bounds)
    assert [block.shown(slot) for slot in range(4)] == [-1, 2, 2, -1]


def test_it_is_written_in_the_new_layout() -> None:
    """What was read once reads back the same."""
    block = StateBlock.unpack(*stored())
    meta, raw = block.pack()
    assert StateBlock.unpack(orjson.loads(orjson.dumps(meta)), raw).pack()[1] == raw
    assert (block.breached[0] == NEVER).all()


def test_damage_is_found_in_either_layout() -> None:
    """A row that does not read back is said, never guessed at."""
    meta, raw = stored()
    for broken in (raw[:-1], b"\x09" + raw[1:]):
        with pytest.raises(DamagedState):
            StateBlock.unpack(meta, broken)
    meta, raw = StateBlock.unpack(meta, raw).pack()
    meta = orjson.loads(orjson.dumps(meta))
    for broken in (raw[:-1], b"\x09" + raw[1:]):
        with pytest.raises(DamagedState):
            StateBlock.unpack(meta, broken)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from([10.0, 60.0, 95.0, float("nan")])), max_size=40),
    st.sets(st.integers(0, 39)),
    st.sets(st.integers(0, 39)),
)
def test_what_is_written_is_all_that_is_known(
    values: list[tuple[int, float]], told: set[int], missed: set[int]
) -> None:
    """A block that was read back goes on exactly as the one that was not, whatever was told and went missing."""
    kept, read = StateBlock(), StateBlock()
    for block in (kept, read):
        for slot in range(6):
            block.add(slot, "r", str(slot), "s")
    bounds = limits(len(kept.state))._replace(missed=np.full(len(kept.state), 2))
    for step, (slot, value) in enumerate(values):
        now = Now(1_000 * step, 1_000 * step, step % 3 == 0)
        for block in (kept, read):
            block.judge(np.array([slot]), np.array([value]), now, bounds)
            if step in missed:
                block.miss(np.array([(slot + 1) % 6]), now, bounds)
            for untold in block.all_untold() if step in told else ():
                block.tell(untold, "t")
        meta, raw = read.pack()
        read = StateBlock.unpack(orjson.loads(orjson.dumps(meta)), raw)
        assert read.pack()[1] == kept.pack()[1]
        for slot_told in kept.all_untold():
            assert np.array_equal(kept.beyond_value[slot_told], read.beyond_value[slot_told], equal_nan=True)
