"""The columns of a block of instances: their kinds and their bytes.

Nearly all instances are well and have been told of: what only the others need is written of those others alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from streams.errors import DamagedState
from tables.detect.columns import NEVER, Array, grown, pack, room, unpack, within
from tables.detect.instances.lifecycle import State


class Column(NamedTuple):
    """`fill`: what a slot begins with; `width`: numbers a slot; `reach`: the lowest and highest that may stand.

    `rare`: it holds its fill wherever all is well and told.
    """

    name: str
    kind: str
    fill: float
    width: int = 1
    reach: tuple[int, int] | None = None
    rare: bool = False

    def blank(self, length: int) -> Array:
        """The column in which nothing has happened: one for all blocks, to be copied before it is written to."""
        return _blank(self, length)

    def grow(self, column: Array, count: int) -> Array:
        """The column with room for `count` slots."""
        return grown(column, count, self.fill)


@lru_cache(maxsize=1_024)
def _blank(column: Column, length: int) -> Array:
    shape = (length, column.width) if column.width > 1 else length
    blank = np.full(shape, column.fill, dtype=column.kind)
    blank.flags.writeable = False
    return blank


COLUMNS = (
    Column("state", "<i1", 0, reach=(0, 3)), Column("severity", "<i1", -1, reach=(-1, 2)),
    Column("told_severity", "<i1", -1, reach=(-1, 2)), Column("cause", "<i1", -1, reach=(-1, 7)),
    Column("blip", "<i1", 0, reach=(0, 1)), Column("retell", "<i1", 0, reach=(0, 1)),
    Column("missed", "<i4", 0), Column("turn", "<i4", 0), Column("since", "<i8", 0), Column("due", "<i8", 0),
    Column("at", "<i8", NEVER), Column("value", "<f8", np.nan), Column("told_value", "<f8", np.nan, rare=True),
    Column("beyond_at", "<i8", NEVER, rare=True), Column("beyond_value", "<f8", np.nan, rare=True),
    Column("breached", "<i8", NEVER, 3, rare=True), Column("cleared", "<i8", NEVER, 3, rare=True),
    Column("first_value", "<f8", np.nan, rare=True),
)  # fmt: skip


def write(columns: Mapping[str, Array]) -> bytes:
    """The bytes of all columns by name."""
    some = stirred(columns)
    return pack([columns[column.name][some] if column.rare else columns[column.name] for column in COLUMNS])


def read(raw: bytes, slots: int) -> dict[str, Array]:
    """The columns of a block with `slots` slots by name."""
    dense, rare = ([column for column in COLUMNS if column.rare == which] for which in (False, True))
    length = room(slots) * sum(np.dtype(column.kind).itemsize for column in dense)
    arrays = unpack(raw[:length], slots, [(column.kind, 1) for column in dense])
    columns = dict(zip((column.name for column in dense), arrays, strict=True))
    some, at = stirred(columns), length
    for column in rare:
        count = len(some) * column.width
        if at + 8 * count > len(raw):
            raise DamagedState(f"{len(some)} entries of {column.name} need more than {len(raw)} bytes")
        values = np.frombuffer(raw, dtype=column.kind, count=count, offset=at)
        whole = column.blank(room(slots))
        if count:
            whole = whole.copy()
            whole[some] = values.reshape(-1, column.width) if column.width > 1 else values
        columns[column.name] = whole
        at += 8 * count
    if at != len(raw):
        raise DamagedState(f"columns of {len(some)} entries leave {len(raw) - at} bytes over")
    return _checked(columns)


STATES = ("state", "told_severity", "blip", "retell")  # what tells that all is well and told


def stirred(columns: Mapping[str, Array]) -> Array:
    """The slots that are not well, or of which the world does not know that they are."""
    known = (columns["state"] == State.OK) & (columns["told_severity"] < 0)
    return np.flatnonzero(~known | (columns["blip"] > 0) | (columns["retell"] > 0))


def _checked(columns: dict[str, Array]) -> dict[str, Array]:
    for column in COLUMNS:
        if column.reach is not None:
            within(columns[column.name], *column.reach)
    return columns
