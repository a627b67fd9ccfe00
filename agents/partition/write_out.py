"""The write-out: a consistent cut of a partition becomes durable, in the one order that a crash cannot hurt.

1. Outputs are acknowledged. 2. Rows are sent level by level, the most downstream first, and each level is
acknowledged before the next one is sent; the head row comes alone and last. 3. The local store takes all of
it in one batch. Only then may the offset be committed. A crash in between leaves some rows older than others,
and always the upstream ones: the replay finds every cause whose effect it may have to repeat.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol

from agents.partition.store import Rows, Store
from tables.kernel.level import level_name

YIELD_EVERY = 100  # rows; a large write-out must not hold up the messages


class RowWriter(Protocol):
    """Where rows become durable: a fenced producer, or its double in a test."""

    async def send(self, key: str, value: bytes | None) -> asyncio.Future[Any]:
        """Hand over one row; the future is done, with an `offset`, when it is acknowledged."""
        ...


@dataclass(frozen=True, slots=True)
class Cut:
    """All effects of the inputs below `floor` (an offset of the log) that were not durable before."""

    partition: int
    rows: Rows
    outputs: Sequence[asyncio.Future[Any]]
    floor: int


class Faults:
    """Points inside a write-out; nothing happens there, unless a test that needs a crash there says otherwise."""

    async def outputs_acknowledged(self, cut: Cut) -> None:
        """Before the first row is sent."""

    async def level_acknowledged(self, cut: Cut, level: str) -> None:
        """Before the next level is sent."""

    async def rows_acknowledged(self, cut: Cut) -> None:
        """Before the local store is written and the floor is raised."""


async def write(cut: Cut, writer: RowWriter, store: Store, faults: Faults) -> None:
    """Make a cut durable; whatever is raised leaves a state that a replay from the old floor puts right."""
    await asyncio.gather(*cut.outputs)
    await faults.outputs_acknowledged(cut)
    offset = -1
    for level, rows in _levels(cut.rows):
        offset = await _write_level(writer, rows)
        await faults.level_acknowledged(cut, level)
    await faults.rows_acknowledged(cut)
    # a record that Kafka acknowledges as a duplicate, after a restart of the broker, comes without its offset
    store.write(cut.rows, offset if offset >= 0 else None)


def _levels(rows: Rows) -> list[tuple[str, Rows]]:
    return [(level, list(of_level)) for level, of_level in groupby(rows, key=lambda row: level_name(row[0]))]


async def _write_level(writer: RowWriter, rows: Rows) -> int:
    futures = []
    for number, (key, value) in enumerate(rows, 1):
        futures.append(await writer.send(key, value))
        if number % YIELD_EVERY == 0:
            await asyncio.sleep(0)
    acknowledged = await asyncio.gather(*futures)
    return int(acknowledged[-1].offset)
