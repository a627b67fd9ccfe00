"""The write-out happens in the one order that a crash cannot hurt."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agents.partition.write_out import Cut, Faults, write
from tests.agents.doubles import MemoryStore, Recorder

ROWS: list[tuple[str, bytes | None]] = [
    ("4/a", b"4"),
    ("4/b", None),
    ("3/a", b"3"),
    ("2/a", b"2"),
    ("0/head", b"0"),
]


class Points(Faults):
    """Records where a write-out passes."""

    def __init__(self, events: list[str]) -> None:
        self.events = events

    async def outputs_acknowledged(self, cut: Cut) -> None:
        self.events.append("outputs acknowledged")

    async def rows_acknowledged(self, cut: Cut) -> None:
        self.events.append("rows acknowledged")


def cut(*outputs: asyncio.Future[Any]) -> Cut:
    """A cut of five rows."""
    return Cut(0, ROWS, outputs, 7)


async def test_order() -> None:
    """Outputs, then rows in the order of the cut, the head last, then the store."""
    events: list[str] = []
    await write(cut(), Recorder(events), MemoryStore(events), Points(events))
    assert events == [
        "outputs acknowledged", "row 4/a", "tombstone 4/b", "row 3/a", "row 2/a", "row 0/head", "rows acknowledged",
        "store",
    ]  # fmt: skip


async def test_no_row_before_outputs() -> None:
    """While an output is not acknowledged, no row is sent."""
    events: list[str] = []
    output: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    writing = asyncio.create_task(write(cut(output), Recorder(events), MemoryStore(events), Faults()))
    await asyncio.sleep(0.01)
    assert events == []
    output.set_result(None)
    await writing
    assert events[-1] == "store"


@pytest.mark.parametrize("key", ["4/a", "3/a", "0/head"])
async def test_failed_row(key: str) -> None:
    """A row that is refused ends the write-out: no further row, and nothing in the local store."""
    events: list[str] = []
    with pytest.raises(OSError, match="refused"):
        await write(cut(), Recorder(events, fails=key), MemoryStore(events), Faults())
    assert "store" not in events
    assert all(not entry.startswith("row") or entry.split()[1][0] >= key[0] for entry in events)


@pytest.mark.parametrize(("acknowledged", "kept"), [(12, 12), (-1, None)])
async def test_offset(acknowledged: int, kept: int | None) -> None:
    """The changelog's offset is kept with the rows, but not where Kafka acknowledged a duplicate without it."""
    store = MemoryStore([])
    await write(cut(), Recorder([], offset=acknowledged), store, Faults())
    assert store.offset == kept
    assert store.kept.keys() == {"4/a", "3/a", "2/a", "0/head"}
