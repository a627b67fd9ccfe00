"""A missing message is looked for once more in the log itself: it is read again, or taken with an alarm."""

from __future__ import annotations

from typing import Any, cast

import pytest
from faust.types import TP

from agents.exits import Exit
from agents.worker.app import StageApp
from tests.agents.doubles import Bench, Left, leave, origin, worker_config


class KnownOffsets:
    """Knows the first record at or after the missing one."""

    def __init__(self, first: int | None) -> None:
        self.first = first

    async def at_or_after(self, partition: TP, offset: int) -> int | None:
        return self.first


async def after_a_gap(first: int | None) -> Bench:
    """Apply offset 0, and then 5, where the log's first record from 1 on is `first`."""
    bench = Bench()
    app = StageApp(worker_config(), leave=leave)
    app.offsets, app.outputs = cast(Any, KnownOffsets(first)), cast(Any, bench.producer)
    for offset in (0, 5):
        await app._guarded(app._apply_one(bench.partition, origin(offset), 0))
    return bench


async def test_nothing_there(caplog: pytest.LogCaptureFixture) -> None:
    """What the log does not hold any more is passed over, with an alarm."""
    bench = await after_a_gap(5)
    assert bench.partition.position == 6
    assert [record.message for record in caplog.records] == ["offsets are missing for ever"]


@pytest.mark.parametrize("first", [1, 4, None])
async def test_lost_on_the_way(first: int | None) -> None:
    """What the log holds was lost on its way: the worker ends, and replays."""
    with pytest.raises(Left) as left:
        await after_a_gap(first)
    assert left.value.code is Exit.GAP


async def test_newer_schema() -> None:
    """A message of ours that this version cannot read stops the worker: skipped it would be lost."""
    bench = Bench()
    app = StageApp(worker_config(), leave=leave)
    newer = bench.partition.machine.signer.sign(b'{"kind":"tick","schema":999}', "telemetry")
    with pytest.raises(Left) as left:
        await app._guarded(app._apply_one(bench.partition, origin(0, newer), 0))
    assert left.value.code is Exit.OPERATOR
    assert "tick of schema 999: this version reads up to 1; update it first" in str(left.value)
    assert bench.store.kept == {}  # nothing says that it was read: it waits in the log
