"""The lists of series that one reader of a log has met, by who told them, for batches that only name theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from streams.errors import Unlisted
from streams.messages.envelope import Body
from streams.telemetry import samples
from streams.telemetry.samples import Batch

MOST = 1_000_000  # series that are remembered; after that what was told longest ago is forgotten

SOURCES = 10_000  # of which it is counted how many named a list not yet met

_Place = tuple[str, str, int]


class LayoutMemory:
    """Reads batches of a log in their order. `unlisted`: by (gateway, source), how many named a list not yet met."""

    def __init__(self, most: int = MOST) -> None:
        """`most`: series that it may remember."""
        self._most, self._count = most, 0
        self._lists: dict[_Place, tuple[str, Sequence[str]]] = {}
        self.unlisted: Counter[tuple[str, str]] = Counter()

    def read(self, message: Body) -> Batch:
        """The batch with its list, the same object as long as it is the same list; Unlisted where it is not known."""
        try:
            batch = samples.read(message, self._find)
        except Unlisted as missed:
            if (missed.gateway, missed.source) in self.unlisted or len(self.unlisted) < SOURCES:
                self.unlisted[missed.gateway, missed.source] += 1
            raise
        return self._noted(batch) if batch.tells else batch

    def _find(self, gateway: str, source: str, part: int, layout: str) -> Sequence[str] | None:
        name, series = self._lists.get((gateway, source, part), ("", ()))
        return series if name == layout else None

    def _noted(self, batch: Batch) -> Batch:
        place = batch.gateway, batch.source, batch.part
        name, series = self._lists.pop(place, ("", ()))
        if name != batch.layout:
            self._count += _weight(batch.series) - (_weight(series) if name else 0)
            series = batch.series
        self._lists[place] = batch.layout, series
        while self._count > self._most and len(self._lists) > 1:
            _, forgotten = self._lists.pop(next(iter(self._lists)))
            self._count -= _weight(forgotten)
        return batch._replace(series=series)


def _weight(series: Sequence[str]) -> int:
    """What a list counts for; also one of no series takes room."""
    return max(1, len(series))
