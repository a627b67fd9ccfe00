"""A watch that remembers for a few seconds what it saw: many pages and probes cost one look at the broker."""

from __future__ import annotations

from collections.abc import Mapping

from api.cached import Cached
from api.health.lag import Behind, Watch


class CachedWatch:
    """The same watch, asked less often."""

    def __init__(self, watch: Watch) -> None:
        """`watch`: the one that really looks."""
        self._watch = watch
        self._reachable: Cached[str] = Cached()
        self._lag: Cached[list[Behind]] = Cached()

    async def reachable(self) -> str:
        """As it was within the last seconds."""
        return await self._reachable.get(self._watch.reachable)

    async def lag(self, projected: Mapping[int, int]) -> list[Behind]:
        """As it was within the last seconds."""
        return await self._lag.get(lambda: self._watch.lag(projected))
