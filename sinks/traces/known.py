"""What waits to be met again: the newest entries by their key, so that memory has a bound."""

from __future__ import annotations

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")
MOST = 20_000


class Known(dict[K, V], Generic[K, V]):
    """A dictionary of at most so many entries; the oldest ones go."""

    def keep(self, key: K, value: V) -> None:
        """Remember a value as the newest one."""
        self.pop(key, None)
        self[key] = value
        while len(self) > MOST:
            del self[next(iter(self))]
