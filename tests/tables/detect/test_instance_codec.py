"""The bytes of a block of instances: all that is known is written, and damage is found."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import DamagedState
from tables.detect.instances.instances import StateBlock
from tables.detect.instances.lifecycle import Limits, Now, State


def limits(size: int) -> Limits:
    """Warning from 50, critical from 90, for 3 s each way."""
    beyond = np.tile([np.nan, 50.0, 90.0], (size, 1))
    held, missed = (np.full(size, length, dtype=np.int64) for length in (3_000, 0))
    first, counts = np.full(size, 50.0), np.zeros(size, dtype=bool)
    return Limits(beyond, beyond, np.ones(size), held, held, missed, first, counts)


def stored() -> tuple[dict[str, Any], bytes]:
    """What is well, pending for critical, firing as critical, and recovering from it."""
    block, slots = StateBlock(), np.arange(4)
    for slot, key in enumerate("abcd"):
        block.add(slot, "r", key, "s")
    bounds = limits(len(block.state))
    steps = ((1, (10.0, 10, 95, 95)), (4, (10.0, 10, 95, 95)), (5, (10.0, 95, 95, 10)))
    for at, values in steps:
        block.judge(slots, np.array(values), Now(1_000 * at, 1_000 * at, False), bounds)
    assert [State(int(state)) for state in block.state[:4]] == list(State)
    meta, raw = block.pack()
    return orjson.loads(orjson.dumps(meta)), raw


def test_damage_is_found() -> None:
    """A row that does not read back is said, never guessed at."""
    meta, raw = stored()
    assert StateBlock.unpack(meta, raw).pack()[1] == raw
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


def test_whose_windows_were_not_watched_is_kept() -> None:
    """A block says once that they are, or are no longer; others stay as they were; who has a slot next begins anew."""
    block = StateBlock()
    for slot in range(3):
        block.add(slot, "rule", f'm{{n="{slot}"}}', "s")
    slots = np.array([0, 2])
    assert not block.watch(slots, np.array([True, True]))
    assert block.watch(slots, np.array([True, False]))
    assert not block.watch(slots, np.array([True, False]))
    assert block.watch(np.array([1]), np.array([False]))
    meta, raw = block.pack()
    read = StateBlock.unpack(orjson.loads(orjson.dumps(meta)), raw)
    assert read.unwatched == {1, 2}
    assert read.watch(slots, np.array([True, True]))
    read.renew(1, "rule", "other")
    assert read.unwatched == set()
    assert "unwatched" not in read.pack()[0]
