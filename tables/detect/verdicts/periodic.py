"""Rounds: what a row does every so often, each row at a moment of its own, so that no tick has to do it for all."""

from __future__ import annotations

from zlib import crc32

from tables.kernel.row import AnyRow as Row


def after(key: str, active: int, every: int) -> int:
    """The row's next round after an instant of the active clock, ms; rounds are `every` ms apart."""
    return active + every - (active - crc32(key.encode())) % every


def rest(row: Row) -> None:
    """Look at a block of states again when something in it is due; one in quarantine has its own time."""
    if row.quarantine is None:
        row.deadline = row.value.deadline()
