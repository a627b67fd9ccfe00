"""Events that come twice."""

from __future__ import annotations

from streams.messages.event import Event
from tables.detect.health import event_dedup
from tables.detect.health.state import NOTHING


def event(id: str) -> Event:
    """An event of a gateway's record."""
    return Event(id=id, at=0, gateway="g", source="s", type="inventory")


def test_an_event_is_taken_once() -> None:
    """Its repeat is refused with the reason, until no repeat is to be expected."""
    entry = event_dedup.remember(NOTHING, event("e"), 0)
    assert event_dedup.repeated(NOTHING, event("e"), 0) is None
    assert "event e of g was taken already" in str(
        event_dedup.repeated(entry, event("e"), event_dedup.SPAN - 1)
    )
    assert event_dedup.repeated(entry, event("e"), event_dedup.SPAN) is None


def test_what_is_remembered_is_bounded() -> None:
    """Whatever is sent, the newest ids are kept and no more than so many."""
    entry = NOTHING
    for n in range(1_000):
        entry = event_dedup.remember(entry, event(f"e{n}"), 0)
    assert len(entry.events) == event_dedup.MOST
    assert event_dedup.repeated(entry, event("e999"), 0) is not None
