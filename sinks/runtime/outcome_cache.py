"""What the last calls brought, so that a second copy of an attempt is answered without a second call."""

from __future__ import annotations

from collections import OrderedDict

from streams.messages.attempt import Outcome


class OutcomeCache:
    """The newest outcomes by (notification id, number); a cache only, since deliver knows them by id too."""

    def __init__(self, size: int = 4096) -> None:
        """`size`: outcomes kept."""
        self._size = size
        self._kept: OrderedDict[tuple[str, int], Outcome] = OrderedDict()

    def get(self, key: tuple[str, int]) -> Outcome | None:
        """The outcome of this very attempt, if it was called lately."""
        return self._kept.get(key)

    def keep(self, key: tuple[str, int], outcome: Outcome) -> None:
        """Remember the outcome of an attempt; beyond `size` the oldest is forgotten."""
        self._kept[key] = outcome
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)
