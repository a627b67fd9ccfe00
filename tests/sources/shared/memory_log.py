"""A log of shared entries in memory, and readers of it: each folds what it has not read yet when it is asked."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sources.shared.entries import Entries
from streams.messages.shared import SharedEntry, Value
from streams.signature import Signer
from streams.topics import SHARED

SIGNER = Signer([b"a key of the system for tests"])


class Line(NamedTuple):
    """One record."""

    key: bytes
    value: bytes


def line(entry: SharedEntry) -> Line:
    """The record of an entry, signed."""
    return Line(entry.key.encode(), SIGNER.sign(entry.encode(), SHARED))


@dataclass
class MemoryLog:
    """What one process reads of `lines`, which several share."""

    lines: list[Line]
    _entries: Entries = field(default_factory=lambda: Entries(SIGNER))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    version: int = 0

    def of(self, type_: str) -> Mapping[str, Value]:
        """All entries of a type."""
        return self._read().of(type_)

    def claimant(self, type_: str, name: str) -> str:
        """Who has claimed an entry first."""
        return self._read().claimant(type_, name)

    def put(self, entry: SharedEntry) -> None:
        """Add an entry."""
        self.lines.append(line(entry))

    def _read(self) -> Entries:
        with self._lock:
            while self.version < len(self.lines):
                assert self._entries.take(self.lines[self.version]) is None
                self.version += 1
        return self._entries
