"""The write-out: a consistent cut of a partition becomes durable, in the one order that a crash cannot hurt.

1. Outputs are acknowledged. 2. Rows are written in their order: the most downstream level first, the head row last.
Kafka has a beginning of them at every instant: a batch is taken whole, and acknowledged before the next one is sent.
3. The local store takes all of it in one batch. Only then may the offset be committed. A crash in between leaves some
rows older than others, and always the upstream ones: the replay finds every cause whose effect it may have to repeat.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from agents.partition.store import Rows, Store


class RowWriter(Protocol):
    """Where rows become durable: a fenced producer, or its double in a test."""

    async def write(self, records: Sequence[tuple[str, bytes | None]]) -> int:
        """Write rows in their order, at every instant a beginning of them; the offset of the last, -1 if unknown."""
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

    async def rows_acknowledged(self, cut: Cut) -> None:
        """Before the local store is written and the floor is raised."""


async def write(cut: Cut, writer: RowWriter, store: Store, faults: Faults) -> None:
    """Make a cut durable; whatever is raised leaves a state that a replay from the old floor puts right."""
    await asyncio.gather(*cut.outputs)
    await faults.outputs_acknowledged(cut)
    offset = await writer.write(cut.rows)
    await faults.rows_acknowledged(cut)
    # a record that Kafka acknowledges as a duplicate, after a restart of the broker, comes without its offset
    store.write(cut.rows, offset if offset >= 0 else None)
