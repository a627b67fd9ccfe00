"""The write-out happens in the one order that a crash cannot hurt."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agents.writing import Cut, Faults, write
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

    def __init__(self, told: list[str]) -> None:
        self.told = told

    async def outputs_acknowledged(self, cut: Cut) -> None:
        self.told.append("outputs acknowledged")

    async def level_acknowledged(self, cut: Cut, level: str) -> None:
        self.told.append(f"level {level} acknowledged")


def cut(*said: asyncio.Future[Any]) -> Cut:
    """A cut of five rows."""
    return Cut(0, ROWS, said, 7)


async def test_order() -> None:
    """Outputs, then each level acknowledged before the next is sent, the head alone and last, then the store."""
    told: list[str] = []
    await write(cut(), Recorder(told), MemoryStore(told), Points(told))
    assert told == [
        "outputs acknowledged", "row 4/a", "tombstone 4/b", "level 4 acknowledged", "row 3/a", "level 3 acknowledged",
        "row 2/a", "level 2 acknowledged", "row 0/head", "level 0 acknowledged", "store",
    ]  # fmt: skip


async def test_no_row_before_outputs() -> None:
    """While an output is not acknowledged, no row is sent."""
    told: list[str] = []
    output: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    writing = asyncio.create_task(write(cut(output), Recorder(told), MemoryStore(told), Faults()))
    await asyncio.sleep(0.01)
    assert told == []
    output.set_result(None)
    await writing
    assert told[-1] == "store"


async def test_no_level_before_the_one_below() -> None:
    """While a row of a level is not acknowledged, nothing of the next one is sent."""
    told: list[str] = []
    writer = Recorder(told, prompt=False)
    writing = asyncio.create_task(write(cut(), writer, MemoryStore(told), Faults()))
    await asyncio.sleep(0.01)
    assert told == ["row 4/a", "tombstone 4/b"]
    writing.cancel()


@pytest.mark.parametrize("key", ["4/a", "3/a", "0/head"])
async def test_failed_row(key: str) -> None:
    """A row that is refused ends the write-out: no further level, and nothing in the local store."""
    told: list[str] = []
    with pytest.raises(OSError, match="refused"):
        await write(cut(), Recorder(told, fails=key), MemoryStore(told), Faults())
    assert "store" not in told
    assert all(not entry.startswith("row") or entry.split()[1][0] >= key[0] for entry in told)


@pytest.mark.parametrize(("acknowledged", "kept"), [(12, 12), (-1, None)])
async def test_offset(acknowledged: int, kept: int | None) -> None:
    """The changelog's offset is kept with the rows, but not where Kafka acknowledged a duplicate without it."""
    store = MemoryStore([])
    await write(cut(), Recorder([], offset=acknowledged), store, Faults())
    assert store.offset == kept
    assert store.kept.keys() == {"4/a", "3/a", "2/a", "0/head"}
