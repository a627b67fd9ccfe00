"""The log file of a child: put aside at every start, so that the newest file tells the newest story, and bounded."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

KEPT = 4
LARGEST = 20 << 20  # bytes of a file that is being written


def rotate(log: Path) -> None:
    """`x.log` becomes `x.log.1`, which becomes `x.log.2`, and so on; the oldest one goes."""
    if not log.exists() or log.stat().st_size == 0:
        return
    _move_up(log)
    log.replace(log.with_name(f"{log.name}.1"))


def bound(log: Path, largest: int = LARGEST) -> None:
    """Put a log that has grown too large aside while its child goes on writing to it.

    The child keeps the file open (it appends), so its text is copied and then taken from it: what is written in
    between is lost. Such a copy is one of the stories that are kept.
    """
    if not log.exists() or log.stat().st_size <= largest:
        return
    copy = log.with_name(f"{log.name}.new")
    shutil.copyfile(log, copy)
    os.truncate(log, 0)
    _move_up(log)
    copy.replace(log.with_name(f"{log.name}.1"))


def _move_up(log: Path) -> None:
    for number in range(KEPT - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))


def tail(log: Path) -> str:
    """The last line that reads like a reason: not empty, and not a line of a stack trace."""
    text = log.read_text(errors="replace") if log.exists() else ""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(("\t", "    "))]
    return lines[-1] if lines else "nothing"
