"""What has begun and not ended yet, by request: when a tool was called, and which permission was asked for. Bounded."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

MOST = 4_096  # a client may repeat or forge the ids of requests: what comes again takes the place of what was there
T = TypeVar("T")


class OpenEntries(Generic[T]):
    """The newest entries; the oldest make room."""

    def __init__(self, most: int = MOST) -> None:
        """`most`: how many are kept."""
        self._most, self._entries = most, OrderedDict[str, T]()

    def put(self, key: str, value: T) -> None:
        """Keep a value under a key; the oldest entry goes where there is no room."""
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._most:
            self._entries.popitem(last=False)

    def take(self, key: str) -> T | None:
        """The entry, which is forgotten; None where there is none."""
        return self._entries.pop(key, None)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._entries)
