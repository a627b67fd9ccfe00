"""The log file of a child: put aside at every start, so that the newest file tells the newest story."""

from __future__ import annotations

from pathlib import Path

KEPT = 4


def rotate(log: Path) -> None:
    """`x.log` becomes `x.log.1`, which becomes `x.log.2`, and so on; the oldest one goes."""
    if not log.exists() or log.stat().st_size == 0:
        return
    for number in range(KEPT - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))
    log.replace(log.with_name(f"{log.name}.1"))


def tail(log: Path) -> str:
    """The last line that reads like a reason: not empty, and not a line of a stack trace."""
    text = log.read_text(errors="replace") if log.exists() else ""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(("\t", "    "))]
    return lines[-1] if lines else "nothing"
