"""Offsets of logs are asked over one connection."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from faust.types import TP

from agents.clients import log_offsets
from agents.clients.log_offsets import LogOffsets

WHERE = TP("inbox", 0)


class Consumer:
    """One that takes a moment to start."""

    def __init__(self, started: list[Consumer]) -> None:
        self.started = started

    async def start(self) -> None:
        await asyncio.sleep(0)
        self.started.append(self)

    async def beginning_offsets(self, places: list[Any]) -> dict[Any, int]:
        return dict.fromkeys(places, 3)

    async def end_offsets(self, places: list[Any]) -> dict[Any, int]:
        return dict.fromkeys(places, 7)


async def test_who_asks_at_once_shares_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second one would be forgotten without an end."""
    started: list[Consumer] = []
    monkeypatch.setattr(log_offsets, "AIOKafkaConsumer", lambda **_: Consumer(started))
    offsets = LogOffsets({"bootstrap_servers": "one:1"})
    first, last = await asyncio.gather(offsets.first([WHERE]), offsets.last([WHERE]))
    assert (first, last, len(started)) == ({WHERE: 3}, {WHERE: 7}, 1)
