"""So many messages go by themselves within a while, most of them critical ones, and programs get each one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.channels.webhook import WebhookEndpoint
from streams.codes import HoldReason
from streams.documents import registry
from streams.documents.endpoint import Endpoint
from streams.errors import Refused
from tables.deliver.politeness.throttle import CROWDED, GATHER, GATHER_URGENT, share_of_others, throttle
from tables.deliver.recipient import Recipient
from tests.tables.deliver.harness import START, notification

PHONE = Endpoint(name="phone", channel="ntfy", pages=2, pages_within=120_000)
MINUTE = 60_000


def tell(
    recipient: Recipient, at: int, endpoint: Endpoint = PHONE, **fields: Any
) -> tuple[Recipient, int | None]:
    """The recipient after one more message, and how long that is held."""
    after, hold = throttle(recipient, notification(**fields), endpoint, START + at, START + at)
    assert hold is None or (hold.code, hold.queue) == (HoldReason.THROTTLED, CROWDED)
    return after, None if hold is None else hold.until - START - at


def test_what_is_more_goes_in_one() -> None:
    """Until the first of them lies far enough back."""
    recipient, waits = Recipient(), []
    for at in (0, 1_000, 2_000, 119_999, 120_000):
        recipient, wait = tell(recipient, at)
        waits.append(wait)
    assert waits == [None, None, GATHER_URGENT, GATHER_URGENT, None]


def test_noise_delays_nothing_critical() -> None:
    """But what is critical leaves less room for the rest; that something is over calls nobody out of bed."""
    recipient = Recipient()
    for _ in range(2):
        recipient, _ = tell(recipient, 0, severity="warning")
    assert tell(recipient, 0, severity="warning")[1] == GATHER
    assert tell(recipient, 0, what="resolved")[1] == GATHER
    recipient, wait = tell(recipient, 0)
    assert wait is None
    assert tell(Recipient(urgent=(START, START)), 0, severity="info")[1] == GATHER


def test_what_goes_later_makes_no_room_now() -> None:
    """What a contact with a delay is told in ten minutes lets nothing be forgotten that went just now."""
    recipient, message = Recipient(urgent=(START, START)), notification(severity="warning")
    recipient, hold = throttle(recipient, message, PHONE, START + 10 * MINUTE, START)
    assert hold is None
    assert tell(recipient, 1_000)[1] == GATHER_URGENT


@pytest.mark.parametrize("what", ["report", "hand_off", "summary"])
def test_what_stands_for_no_alerts_is_not_counted(what: str) -> None:
    """It is never a part of a bundle, which would hide it."""
    full = Recipient(others=(START, START))
    assert tell(full, 0, what=what, severity="info") == (full, None)


def test_programs_get_each_message() -> None:
    """And none may be told otherwise."""
    recipient = Recipient()
    for _ in range(100):
        recipient, wait = tell(recipient, 0, WebhookEndpoint(name="hook", url="https://x.example"))
        assert (recipient, wait) == (Recipient(), None)
    with pytest.raises(Refused, match="channels that call people"):
        registry.read("endpoint", {"name": "hook", "url": "https://x.example", "pages": 3})


@given(st.lists(st.tuples(st.integers(0, 90_000), st.booleans()), max_size=60), st.integers(1, 5))
def test_within_any_while_there_are_so_many_at_most(steps: list[tuple[int, bool]], pages: int) -> None:
    """Of critical ones, of all others, and of both together."""
    endpoint, recipient, at = PHONE.model_copy(update={"pages": pages}), Recipient(), 0
    alone: dict[bool, list[int]] = {True: [], False: []}
    for wait, critical in steps:
        at += wait
        recipient, held = tell(recipient, at, endpoint, severity="critical" if critical else "warning")
        if held is None:
            alone[critical].append(at)
    both = sorted(alone[True] + alone[False])
    for times, most in ((alone[True], pages), (alone[False], share_of_others(pages)), (both, max(2, pages))):
        for last in times:
            assert sum(last - 2 * MINUTE < then <= last for then in times) <= most
