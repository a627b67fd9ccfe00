"""Maintenance windows in, out when they are open next, and which of them are at an instant."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from streams.documents.document import Owned
from streams.documents.suppression.maintenance import FAR, Maintenance, MaintenanceWindow, upcoming
from streams.errors import Refused

MOST = 10_000  # occurrences of one answer


class NamedWindow(NamedTuple):
    """One time that a window is open, half-open, ms UTC."""

    name: str
    team: str
    starts: int
    ends: int


def occurrences(
    documents: Sequence[Owned], first: int, last: int | None, count: int | None
) -> list[NamedWindow]:
    """What is open at some time from `first` to before `last`, ms UTC, the next `count` of it; by their starts."""
    if count is not None and not 0 < count <= MOST:
        raise Refused(f"`count` must lie between 1 and {MOST}, not {count}")
    if last is not None and last <= first:
        raise Refused("`to` must lie after `from`")
    upcoming_windows = upcoming(windows(documents), first, FAR if last is None else last)
    most = MOST + 1 if count is None else count
    listed = [_named(window, occurrence) for occurrence, window in islice(upcoming_windows, most)]
    if len(listed) > MOST:
        raise Refused(f"there are more than {MOST} windows in that time: name a nearer `to`, or a `count`")
    return listed


def active(documents: Sequence[Owned], at: int) -> list[NamedWindow]:
    """The windows that are open at an instant, ms UTC; of one that overlaps itself the time that lasts longest."""
    return [
        _named(window, occurrence)
        for window in windows(documents)
        if (occurrence := window.active_at(at)) is not None
    ]


def windows(documents: Sequence[Owned]) -> list[Maintenance]:
    """The maintenance windows among documents, by name and team."""
    maintenances = (document for document in documents if isinstance(document, Maintenance))
    return sorted(maintenances, key=lambda window: (window.name, window.team))


def _named(window: Maintenance, occurrence: MaintenanceWindow) -> NamedWindow:
    return NamedWindow(window.name, window.team, *occurrence)
