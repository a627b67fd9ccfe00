"""A schedule and what stands beside it in, out who is on call when, and when nobody is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from streams.documents.document import Owned
from streams.documents.oncall.override import OnCallOverride
from streams.documents.oncall.schedule import OnCallSchedule, Segment, Shift
from streams.errors import Refused
from streams.text.nearest import nearest

MOST = 20_000  # shifts of one answer


class NamedSchedule(NamedTuple):
    """A schedule with the exceptions that are documents of their own."""

    schedule: OnCallSchedule
    beside: tuple[OnCallOverride, ...]

    def segments(self, first: int, last: int) -> list[Segment]:
        """The final schedule from an instant until before another, ms UTC; Refused where that is too long."""
        if last <= first:
            raise Refused("`to` must lie after `from`")
        segments = self.schedule.segments(first, last, self.beside, MOST)
        if segments and segments[-1].ends < last:
            raise Refused(f"that time holds more than {MOST} shifts: name a nearer `to`")
        return segments

    def on_call(self, at: int) -> Shift:
        """Who is on call at an instant, ms UTC."""
        return self.schedule.on_call(at, self.beside)


def named_schedule(documents: Sequence[Owned], name: str) -> NamedSchedule:
    """The schedule of a name, or of `team/name`; Refused where there is none, or more than one."""
    schedules = [document for document in documents if isinstance(document, OnCallSchedule)]
    candidates = [each for each in schedules if name in (each.name, f"{each.team}/{each.name}")]
    if not candidates:
        near = nearest(name, [each.name for each in schedules])
        known = ", ".join(sorted(each.name for each in schedules)) or "none"
        hint = f"did you mean {near[0]}?" if near else f"there are: {known}"
        raise Refused(f"`schedule`: there is no schedule {name!r:.60}; {hint}")
    if len(candidates) > 1:
        teams = " and ".join(sorted(each.team for each in candidates))
        raise Refused(
            f"`schedule`: {name} is the name of several, of {teams}: write {candidates[0].team}/{name}"
        )
    return NamedSchedule(candidates[0], tuple(each for each in documents if isinstance(each, OnCallOverride)))
