"""The shell around the projection ends when it is asked to, whoever is away."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import TopicPartition
from sqlalchemy.exc import OperationalError

from sinks.history import serve as process
from sinks.history.store import Store
from sinks.history.writer import Writer
from sinks.runtime.clients import Clients
from streams.settings import Settings
from streams.topics import CHANGES
from tests.patience import PATIENCE
from tests.sinks.ground import SIGNER

PLACE = TopicPartition(CHANGES, 0)


class Log:
    """A consumer of a log with one change."""

    def __init__(self, change: Any) -> None:
        raw = SIGNER.sign(change.encode(), CHANGES)
        self._records = [SimpleNamespace(topic=CHANGES, partition=0, offset=0, key=b"t", value=raw)]

    def subscribe(self, topics: list[str], listener: Writer) -> None:
        """Nothing is shared out here."""

    def seek(self, where: TopicPartition, offset: int) -> None:
        """It is read once."""

    async def beginning_offsets(self, places: set[TopicPartition]) -> dict[TopicPartition, int]:
        """It begins with the change."""
        return dict.fromkeys(places, 0)

    async def end_offsets(self, places: set[TopicPartition]) -> dict[TopicPartition, int]:
        """And ends with it."""
        return dict.fromkeys(places, 1)

    async def getmany(self, **_: int) -> dict[TopicPartition, list[Any]]:
        """The change, then nothing."""
        await asyncio.sleep(0)
        records, self._records = self._records, []
        return {PLACE: records}


class Away:
    """A database that was there at the start; `stopping` is set when it is first missed."""

    def __init__(self, stopping: asyncio.Event) -> None:
        self._stopping, self._loop = stopping, asyncio.get_running_loop()

    def positions(self) -> dict[int, Any]:
        """Nothing was read before."""
        return {}

    def prune(self, *_: Any, **__: Any) -> int:
        """Nothing is old."""
        return 0

    def write(self, *_: Any) -> dict[int, Any]:
        """It does not answer."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        raise OperationalError("INSERT", {}, OSError("away"))


async def test_a_stop_while_the_database_is_away(change: Any) -> None:
    """The process ends; what it could not write stands in the log for the next one."""
    stopping = asyncio.Event()

    async def dead_letter(record: Any, reason: str) -> None:
        raise AssertionError(reason)

    store = cast(Store, Away(stopping))
    writer = Writer(cast(Any, Log(change())), store, SIGNER, dead_letter)
    await writer.on_partitions_assigned({PLACE})
    async with asyncio.timeout(PATIENCE):
        await writer.run(stopping)


async def test_a_stop_while_the_manifest_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker went after the clients were there: the process does not wait for it, and closes them."""
    stopping, closed = asyncio.Event(), list[str]()

    class Opened:
        async def close(self) -> None:
            closed.append("closed")

    async def opened(*_: Any) -> Any:
        return Opened()

    async def never(*_: Any) -> str:
        stopping.set()
        await asyncio.Event().wait()
        return ""

    monkeypatch.setattr(Clients, "open", opened)
    monkeypatch.setattr(process, "incarnation", never)
    settings = Settings(data=str(tmp_path), system_keys="k" * 32)
    async with asyncio.timeout(PATIENCE):
        await process.serve(settings, stopping)
    assert closed == ["closed"]
