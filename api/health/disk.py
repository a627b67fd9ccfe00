"""How much room is left where an installation keeps its state: a full disk stops the broker, which cannot say why."""

from __future__ import annotations

import shutil
from pathlib import Path

FULL, SHORT = 64 << 20, 512 << 20  # bytes; below the first nothing is written for long


def free(folder: str | Path) -> int:
    """Bytes that are left on the disk of a folder, or of the nearest one above it that exists."""
    where = Path(folder).absolute()
    while not where.exists():
        where = where.parent
    return shutil.disk_usage(where).free


def full(left: int) -> str:
    """A sentence where nothing more can be written; `left`: bytes that are."""
    words = f"the disk of the data folder (TOCSIN_DATA) is full: {left >> 20} MB left; make room there"
    return words if left < FULL else ""


def short(left: int) -> str:
    """A sentence where it will soon be so."""
    words = (
        f"The disk of the data folder (TOCSIN_DATA) is nearly full: {left >> 20} MB left. Make room there."
    )
    return words if FULL <= left < SHORT else ""
