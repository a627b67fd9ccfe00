"""The lists of series that one reader of a log has met, as detect remembers them, for batches that only name theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from streams.errors import Unlisted
from streams.messages.envelope import Body
from streams.telemetry import samples
from streams.telemetry.gateway_lists import (
    LISTED,
    LISTS,
    GatewayLists,
    expired,
    mark_of,
    noted,
    repeated,
    without,
)
from streams.telemetry.layout import PackedSeries
from streams.telemetry.samples import Batch

MOST = 200_000_000  # bytes of lists, packed; after that those of the gateway go that told one longest ago
ENTRY = 1_000  # bytes that a list weighs beside its texts: senders of short ones fill a memory as well
SOURCES = 10_000  # of which it is counted how many named a list not yet met


class LayoutMemory:
    """Reads batches of a log in their order. `unlisted`: by (gateway, source), how many named a list not yet met.

    What it knows is what detect knows that has read the same records, as long as all lists together take no more than a
    reader may hold. The time of a record stands for the clock of detect, which stands still while nobody watches.
    """

    def __init__(self, most: int = MOST) -> None:
        """`most`: bytes that its lists may weigh."""
        self._most, self._held = most, 0
        self._lists: dict[str, GatewayLists] = {}  # by gateway, the one that told longest ago first
        self._series: dict[tuple[str, str], PackedSeries] = {}  # by gateway and mark
        self.unlisted: Counter[tuple[str, str]] = Counter()

    def read(self, message: Body, now: int = 0) -> Batch:
        """The batch with its list, the same object as long as it is the same list; Unlisted where it is not known.

        `now`: ms, when it was recorded; what has not been told for long is forgotten by it.
        """

        def find(gateway: str, source: str, part: int, layout: str) -> Sequence[str] | None:
            mark = mark_of(source, part)
            told = self._lists.get(gateway, GatewayLists()).told.get(mark)
            known = told is not None and told.layout == layout and told.until > now
            return self._series[gateway, mark] if known else None

        try:
            batch = samples.read(message, find)
        except Unlisted as missed:
            if (missed.gateway, missed.source) in self.unlisted or len(self.unlisted) < SOURCES:
                self.unlisted[missed.gateway, missed.source] += 1
            raise
        return self._noted(batch, now) if batch.tells else batch

    def _noted(self, batch: Batch, now: int) -> Batch:
        gateway, mark, until = batch.gateway, mark_of(batch.source, batch.part), now + LISTED
        lists = self._living(gateway, now)
        again = repeated(lists, mark, batch.layout, until)
        if again is not None:
            self._lists[gateway] = again
            return batch._replace(series=self._series[gateway, mark])
        packed = PackedSeries.of(batch.layout, batch.series)
        self._lists[gateway], gone, kept = noted(lists, mark, packed, until, LISTS)
        self._forget(gateway, gone)
        if not kept:
            return batch
        self._put(gateway, mark, packed)
        while self._held > self._most and len(self._lists) > 1:
            oldest = next(iter(self._lists))
            self._forget(oldest, list(self._lists.pop(oldest).told))
        return batch._replace(series=packed)

    def _living(self, gateway: str, now: int) -> GatewayLists:
        """The lists of a gateway that are still known, taken out to be put in again as the newest."""
        lists = self._lists.pop(gateway, GatewayLists())
        gone = expired(lists, now)
        self._forget(gateway, gone)
        return without(lists, gone) if gone else lists

    def _put(self, gateway: str, mark: str, packed: PackedSeries) -> None:
        self._forget(gateway, [mark])
        self._series[gateway, mark] = packed
        self._held += ENTRY + len(packed.packed)

    def _forget(self, gateway: str, marks: Sequence[str]) -> None:
        for mark in marks:
            if (packed := self._series.pop((gateway, mark), None)) is not None:
                self._held -= ENTRY + len(packed.packed)
