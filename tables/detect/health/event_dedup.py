"""Events that come twice: producers send at least once, and their ids derive from the gateway's own records."""

from __future__ import annotations

from hashlib import sha256

from streams.errors import Refused
from streams.messages.event import Event
from tables.detect.health.gateway import Entry

SPAN = (
    1_200_000  # active ms; by so much a repeat may be late: twice what a message may be older than its record
)
MOST = 64  # ids of a gateway, the newest, and only a mark of each: an entry row stays small whatever is sent


def repeated(entry: Entry, event: Event, active: int) -> Refused | None:
    """Why an event is not taken, where it was taken already; else it is remembered."""
    known = [one for one in entry.get("events", []) if one[1] > active]
    mark = sha256(event.id.encode()).hexdigest()[:12]
    if any(one == mark for one, _ in known):
        return Refused(f"event {event.id:.80} of {event.gateway} was taken already: it came twice")
    entry["events"] = [*known, [mark, active + SPAN]][-MOST:]
    return None
