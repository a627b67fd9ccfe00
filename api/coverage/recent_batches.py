"""What the newest batches of `telemetry` show: messages in, series by who sent them out, each with its newest time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from api.coverage.coverage import Origin, Seen
from streams.errors import Failure
from streams.messages.envelope import decode
from streams.telemetry.layout_memory import LayoutMemory

LAYOUT, SERIES = b'"layout"', b'"series"'


class RecentBatches:
    """Takes messages of a log in their order; a list of series is walked through once, however often it comes."""

    def __init__(self) -> None:
        """A new one has met no list."""
        self._lists = LayoutMemory()
        self._newest: dict[tuple[Origin, int], tuple[Sequence[str], int]] = {}  # by source and part
        self._seen: Seen = {}

    def learn(self, raw: bytes) -> None:
        """A message of before the newest ones may tell a list of series that they name."""
        if LAYOUT in raw and SERIES in raw:
            with suppress(Failure):
                message = decode(raw)
                if message["kind"] == "samples":
                    self._lists.read(message)

    def note(self, raw: bytes) -> None:
        """Add what one message shows; what is no batch of samples, or names a list that was not met, shows nothing."""
        try:
            message = decode(raw)
            if message["kind"] != "samples":
                return
            batch = self._lists.read(message)
        except Failure:
            return
        place = Origin(batch.gateway, batch.source), batch.part
        series, at = self._newest.get(place, (batch.series, batch.at))
        if series is not batch.series:
            self._add(place[0], series, at)
            at = batch.at
        self._newest[place] = batch.series, max(at, batch.at)

    @property
    def seen(self) -> Seen:
        """All series that were there."""
        for (origin, _), (series, at) in self._newest.items():
            self._add(origin, series, at)
        return self._seen

    @property
    def unlisted(self) -> Mapping[Origin, int]:
        """How many batches of each source name a list that was not met."""
        return {Origin(*place): count for place, count in self._lists.unlisted.items()}

    def _add(self, origin: Origin, series: Sequence[object], at: int) -> None:
        for text in series:
            if isinstance(text, str):  # outsiders send what they like; detect refuses it with a reason
                times = self._seen.setdefault(text, {})
                times[origin] = max(at, times.get(origin, 0))
