"""Somebody told later than others is told as if they were not, once another way cannot be reached."""

from __future__ import annotations

from typing import Any

import pytest

from streams.messages.config import ConfigRevision
from streams.messages.notification import Hurry
from tests.tables.deliver.harness import START, Ledger, bodies, outcome

TO = "endpoint/platform/phone"
PHONE: dict[str, Any] = {"name": "phone", "channel": "ntfy", "topic": "x", "pages": 1}
NIGHT = ["00:03-06:00"]  # START is midnight UTC: it begins before a delay of five minutes ends


def ledger(**fields: Any) -> Ledger:
    """Ben's telephone, which rings five minutes after his other ways and takes one message by itself."""
    known = Ledger(PHONE)
    contact = [{"endpoint": "phone", "delay": "5m"}]
    of: dict[str, Any] = {"owner": "platform", "type": "person", "name": "ben", "revision": 1}
    known.tell(ConfigRevision(id="p", at=START, body={"name": "ben", "contact": contact} | fields, **of))
    return known


def hurry(known: Ledger, group: str) -> list[Any]:
    """Another way of a group's step cannot be reached: the attempts that this brings at once."""
    return bodies(known.tell(Hurry(id="h", at=known.now, to=TO, group=group, reason="so")), "attempt")


def waited(known: Ledger, seconds: int) -> list[tuple[int, int]]:
    """What goes out within a while: after how many seconds, and for how many alerts it stands."""
    began, gone = known.now, []
    for _ in range(seconds):
        for each in bodies(known.tick(1), "attempt"):
            gone.append(((known.now - began) // 1_000, each["notification"]["count"]))
            known.tell(outcome(id=each["notification"]["id"], number=each["number"], to=TO, at=known.now))
    return gone


def test_one_that_waits_by_itself_goes_at_once() -> None:
    """And only what is of that group."""
    known = ledger()
    known.ask("a", to=TO, group="t/a")
    assert hurry(known, "t/other") == []
    assert [each["notification"]["id"] for each in hurry(known, "t/a")] == ["a"]


@pytest.mark.parametrize(("severity", "seconds"), [("critical", 30), ("warning", 60)])
def test_what_is_throttled_waits_for_no_delay_either(severity: str, seconds: int) -> None:
    """It goes with what else is held, after as long as something waits that is throttled and has no delay."""
    known = ledger(quiet_for=[])
    for id in ("a", "b", "c"):
        known.ask(id, to=TO, group=f"t/{id}", severity=severity)
    known.tick(10)
    hurry(known, "t/b")
    (after, count), *more = waited(known, 120)
    assert (after, count) == (seconds, 2)
    assert more == []


def test_without_it_what_is_throttled_comes_after_the_delay() -> None:
    """Which is what a hurry shortens."""
    known = ledger()
    for id in ("a", "b"):
        known.ask(id, to=TO, group=f"t/{id}")
    assert waited(known, 400) == [(300, 1), (330, 1)]


def test_hours_that_would_begin_meanwhile_hold_nothing() -> None:
    """The delay reached into the night, and there is none any more."""
    known = ledger(quiet_hours=NIGHT)
    known.ask("a", to=TO, group="t/a", severity="warning")
    assert waited(known, 60) == []
    hurry(known, "t/a")
    assert waited(known, 90) == [(60, 1)]


def test_hours_that_have_begun_hold_it_all_the_same() -> None:
    """Whoever sleeps is not called since somebody else cannot be reached."""
    known = ledger(quiet_hours=["00:00-00:02"])
    known.ask("a", to=TO, group="t/a", severity="warning")
    assert hurry(known, "t/a") == []
    (after, _), *more = waited(known, 300)
    assert (after, more) == (120, [])
