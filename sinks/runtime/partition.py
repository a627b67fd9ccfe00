"""How far one partition has come: which attempts are finished, and what may therefore be committed.

Attempts finish in any order, but Kafka keeps one number. So the commit carries the first unfinished
offset and, as its metadata, the ranges that are finished beyond it; a successor that reads both calls
nobody again for those. (The same is done by parallel consumers elsewhere; 4096 bytes are allowed.)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Literal

Taken = Literal["new", "finished", "old", "gap"]
_LONGEST = 4000  # bytes of metadata that a broker takes by default, with a margin


class Partition:
    """One partition while it is ours. `start`: the offset to begin with, None where nothing was committed."""

    def __init__(self, start: int | None = None, note: str = "") -> None:
        """`note`: the metadata of the last commit."""
        self.revoked = False
        self._next = start
        self._open: deque[int] = deque()
        self._finished: set[int] = set()
        self._finished_before = ranges(note)
        self._read_again: int | None = None
        self._committed: tuple[int, str] | None = None

    @property
    def outstanding(self) -> int:
        """How many taken attempts have not finished."""
        return len(self._open) - len(self._finished)

    @property
    def wanted(self) -> int:
        """The offset that comes next."""
        return self._next or 0

    def take(self, offset: int) -> Taken:
        """Whether a record is to be handled now.

        `gap` asks for one more read from `wanted`, since clients may skip records around a rebalance; a gap
        that is still there then is one of the log itself.
        """
        if self._next is not None and offset < self._next:
            return "old"
        if self._next is not None and offset > self._next and self._read_again != self._next:
            self._read_again = self._next
            return "gap"
        self._next = offset + 1
        self._open.append(offset)
        if any(offset in known for known in self._finished_before):
            self.finish(offset)
            return "finished"
        return "new"

    def finish(self, offset: int) -> None:
        """The outcome of `offset` is safe."""
        self._finished.add(offset)
        while self._open and self._open[0] in self._finished:
            self._finished.remove(self._open.popleft())

    def commit(self) -> tuple[int, str] | None:
        """Offset and metadata to commit; None where nothing has changed since `committed`."""
        if self._next is None:
            return None
        now = (self._open[0] if self._open else self._next, spell(self._finished))
        return None if now == self._committed else now

    def committed(self, position: tuple[int, str]) -> None:
        """Kafka has taken this commit."""
        self._committed = position


def spell(offsets: Iterable[int]) -> str:
    """Ranges as text, {3, 4, 5, 9} → `3-5,9`.

    What does not fit is left out, which costs a repeated call and nothing else.
    """
    text, first, last = "", None, None
    for offset in sorted(offsets):
        if last is not None and offset == last + 1:
            last = offset
            continue
        text, first, last = _longer(text, first, last), offset, offset
    return _longer(text, first, last)


def _longer(text: str, first: int | None, last: int | None) -> str:
    if first is None:
        return text
    more = (text + "," if text else "") + (f"{first}" if first == last else f"{first}-{last}")
    return more if len(more) <= _LONGEST else text


def ranges(note: str) -> list[range]:
    """The inverse of `spell`; a note that is not ours is no note."""
    parts = []
    for text in note.split(",") if note else []:
        first, _, last = text.partition("-")
        if not (first.isdecimal() and (last.isdecimal() or not last)):
            return []
        parts.append(range(int(first), int(last or first) + 1))
    return parts
