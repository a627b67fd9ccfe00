"""Events that come twice: producers send at least once, and their ids derive from the gateway's own records."""

from __future__ import annotations

from hashlib import sha256

from msgspec.structs import replace

from streams.errors import Refused
from streams.messages.event import Event
from tables.detect.health.state import Gateway

# Active ms; by so much a repeat may be late: twice what a message may be older than its record.
SPAN = 1_200_000
MOST = 64  # ids of a gateway, the newest, and only a mark of each: an entry row stays small whatever is sent


def repeated(entry: Gateway, event: Event, active: int) -> Refused | None:
    """Why an event is not taken, where it was taken already."""
    mark = _mark(event)
    if any(known == mark and until > active for known, until in entry.events):
        return Refused(f"event {event.id:.80} of {event.gateway} was taken already: it came twice")
    return None


def remember(entry: Gateway, event: Event, active: int) -> Gateway:
    """The entry, which knows the event."""
    known = [each for each in entry.events if each[1] > active]
    return replace(entry, events=tuple([*known, (_mark(event), active + SPAN)][-MOST:]), spoke=active)


def _mark(event: Event) -> str:
    return sha256(event.id.encode()).hexdigest()[:12]
