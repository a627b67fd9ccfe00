"""The columns of a block of instances: their kinds, and how bytes of before are read."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tables.detect.columns import NEVER, Array, grown, unpack, within
from tables.detect.lifecycle import State

LAYOUT = 2  # of the columns, in order


class Column(NamedTuple):
    """`fill`: what a slot begins with; `width`: numbers a slot; `reach`: the lowest and highest that may stand."""

    name: str
    kind: str
    fill: float
    width: int = 1
    reach: tuple[int, int] | None = None

    def empty(self) -> Array:
        """The column without slots."""
        return np.empty((0, self.width) if self.width > 1 else 0, dtype=self.kind)

    def grow(self, column: Array, count: int) -> Array:
        """The column with room for `count` slots."""
        return grown(column, count, self.fill)


COLUMNS = (
    Column("state", "<i1", 0, reach=(0, 3)), Column("severity", "<i1", -1, reach=(-1, 2)),
    Column("told_severity", "<i1", -1, reach=(-1, 2)), Column("cause", "<i1", -1, reach=(-1, 7)),
    Column("blip", "<i1", 0, reach=(0, 1)), Column("retell", "<i1", 0, reach=(0, 1)),
    Column("missed", "<i4", 0), Column("turn", "<i4", 0), Column("since", "<i8", 0), Column("due", "<i8", 0),
    Column("at", "<i8", NEVER), Column("value", "<f8", np.nan), Column("told_value", "<f8", np.nan),
    Column("beyond_at", "<i8", NEVER), Column("beyond_value", "<f8", np.nan),
    Column("breached", "<i8", NEVER, 3), Column("cleared", "<i8", NEVER, 3),
)  # fmt: skip
_FIRST = (
    ("state", "<i1"), ("severity", "<i1"), ("told_severity", "<i1"), ("cause", "<i1"), ("blip", "<i1"),
    ("missed", "<i4"), ("turn", "<i4"), ("since", "<i8"), ("cleared", "<i8"), ("due", "<i8"),
    ("at", "<i8"), ("value", "<f8"),
)  # fmt: skip


def read(raw: bytes, slots: int, layout: Any) -> dict[str, Array]:
    """The columns of a block with `slots` slots by name, whichever layout they were written in."""
    if layout != LAYOUT:
        return _checked(_of_first(raw, slots))
    columns = unpack(raw, slots, [(column.kind, column.width) for column in COLUMNS])
    return _checked({column.name: values for column, values in zip(COLUMNS, columns, strict=True)})


def _checked(columns: dict[str, Array]) -> dict[str, Array]:
    for column in COLUMNS:
        if column.reach is not None:
            within(columns[column.name], *column.reach)
    return columns


def _of_first(raw: bytes, slots: int) -> dict[str, Array]:
    """Columns of the first layout, which knew one clock for all severities: what it has run for, it has for each."""
    columns = unpack(raw, slots, [(kind, 1) for _, kind in _FIRST])
    of = {name: values for (name, _), values in zip(_FIRST, columns, strict=True)}
    size = len(of["state"])
    new = {column.name: column.grow(column.empty(), size)[:size] for column in COLUMNS}
    mine = np.arange(3) <= of["severity"][:, None]
    wrong = (of["state"] == State.PENDING) | (of["state"] == State.FIRING)
    new["breached"] = np.where(mine & wrong[:, None], of["since"][:, None], NEVER)
    recovering = (of["state"] == State.RECOVERING)[:, None]
    new["cleared"] = np.where(mine & recovering, of.pop("cleared")[:, None], NEVER)
    of["severity"] = np.where(of["state"] >= State.FIRING, of["severity"], -1).astype("<i1")
    return new | of
