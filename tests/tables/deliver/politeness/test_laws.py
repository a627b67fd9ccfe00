"""What holds of politeness whatever documents say, whoever is asleep and however much has been told."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.codes import HoldReason, NotifyReason
from streams.documents import registry
from streams.documents.endpoint import Endpoint
from streams.documents.oncall.person import PersonDocument
from streams.messages.notification import Purpose
from tables.deliver.contacts import Addressee
from tables.deliver.politeness.decide import Courtesy, Destination, consider
from tables.deliver.politeness.delay import Delay
from tables.deliver.politeness.throttle import GATHER_URGENT, share_of_others
from tables.deliver.recipient import Recipient
from tests.tables.deliver.harness import moment, notification

DAY, CALLS = 86_400_000, ("firing", "escalated", "reminder")
ENDPOINTS = [
    registry.read("endpoint", {"name": "phone", **body})
    for body in (
        {"channel": "ntfy", "topic": "x"},
        {"channel": "ntfy", "topic": "x", "pages": 1, "pages_within": "10m"},
        {"channel": "webhook", "url": "https://x.example"},
    )
]
hours = st.sampled_from([[], ["22:00-07:00"], ["mon-sat"], ["00:00-12:00", "13:00-24:00"]])
noise = st.sampled_from([["warning"], ["info"], ["warning", "info"], []])
zones = st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York"])
times = st.lists(st.integers(0, 900_000), max_size=6).map(sorted)


@st.composite
def people(draw: Any) -> Addressee:
    """Somebody who says nothing of what is critical and names no delay; everything else may be as it likes."""
    contact: dict[str, Any] = {"endpoint": "phone"}
    if draw(st.booleans()):
        contact |= {"quiet_hours": draw(hours), "quiet_for": draw(noise)}
    body: dict[str, Any] = {"name": "ben", "time_zone": draw(zones), "contact": [contact]}
    body |= {"quiet_hours": draw(hours)} | ({"quiet_for": draw(noise)} if draw(st.booleans()) else {})
    person = PersonDocument.read(body)
    return Addressee(person, person.contact[0])


@st.composite
def told(draw: Any, severity: str, whats: tuple[str, ...]) -> tuple[Courtesy, Recipient, Endpoint, int]:
    """What politeness makes of one more message: with what it knew, by which endpoint, at which instant, ms UTC."""
    now = moment(draw(st.integers(1_000_000, 8 * DAY)))
    urgent, others = ([now.now - ago for ago in draw(times)][::-1] for _ in range(2))
    recipient = Recipient(urgent=tuple(urgent), others=tuple(others), held=draw(st.integers(0, 9)))
    endpoint = draw(st.sampled_from(ENDPOINTS))
    destination = Destination(endpoint, draw(st.lists(people(), max_size=3)))
    code = draw(st.sampled_from(list(NotifyReason)))
    message = notification(severity=severity, what=draw(st.sampled_from(whats)), reason_code=code)
    running = draw(st.sampled_from([None, Delay(now.active + 60_000)]))
    return consider(recipient, message, destination, running, now), recipient, endpoint, now.now


@settings(max_examples=300, deadline=None)
@given(told("critical", CALLS))
def test_what_is_critical_is_held_by_nothing_but_other_critical_messages(
    case: tuple[Courtesy, Recipient, Endpoint, int],
) -> None:
    """Where no document asks for it: no hours, no noise; a storm of critical ones for half a minute at most."""
    courtesy, known, endpoint, now = case
    limit = endpoint.page_limit
    lately = 0 if limit is None else sum(then > now - limit.within for then in known.urgent)
    if limit is None or lately < max(1, limit.pages - share_of_others(limit.pages)):
        assert courtesy.hold is None
    elif lately >= limit.pages:
        assert courtesy.hold is not None
    if courtesy.hold is not None:
        assert (courtesy.hold.code, courtesy.hold.until) == (HoldReason.THROTTLED, now + GATHER_URGENT)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["critical", "warning", "info"]).flatmap(
        lambda severity: told(severity, get_args(Purpose))
    )
)
def test_every_hold_ends_and_says_which_document_asks_for_it(
    case: tuple[Courtesy, Recipient, Endpoint, int],
) -> None:
    """Later than now, with a code and words; and what joins a queue has a number of its own."""
    courtesy, known, _, now = case
    hold = courtesy.hold
    if hold is not None:
        assert hold.until > now
        assert hold.code in set(HoldReason)
        assert hold.reason
        assert hold.document.startswith(("person/", "endpoint/"))
    assert courtesy.sequence == (known.held + 1 if hold is not None and hold.queue else 0)
    assert courtesy.recipient.held == known.held + (1 if courtesy.sequence else 0)
