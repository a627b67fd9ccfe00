"""A storm: ten thousand alerts of one team within a minute, each in a group of its own."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from streams.documents import registry
from streams.messages.verdict import Verdict, Verdicts
from streams.topics import INBOX
from tables.world import World

START, SECOND, ALERTS = 1_764_547_200_000, 1_000, 10_000
BEGAN = START + 2 * SECOND
DOCUMENTS: list[tuple[str, dict[str, Any]]] = [
    ("endpoint", {"name": "phone", "channel": "ntfy", "topic": "x"}),
    ("route", {"name": "all", "to": "endpoint/phone", "group_by": ["rule", "n"], "group_wait": "0s"}),
]


def verdict(n: int, at: int) -> Verdict:
    """The n-th thing goes wrong; of those of a second one in two is critical."""
    severity: Any = "critical" if n // 50 % 2 else "warning"
    return Verdict(
        fingerprint=f"gw|high|{n}", sequence=1, state="firing", severity=severity, rule_id="high", rule="high",
        gateway="gw", labels={"gateway": "gw", "n": str(n)}, at=at, since=at, value=9.0, message=f"cpu {n} is high",
        reason="9 is above 5",
    )  # fmt: skip


@pytest.fixture(scope="module")
def storm() -> World:
    """Three minutes, of which the first has the storm."""
    world = World([registry.read(kind, body) for kind, body in DOCUMENTS], START)
    for second in range(50):
        at, some = BEGAN + second * SECOND, range(second, ALERTS, 50)
        verdicts = [verdict(n, at) for n in some]
        message = Verdicts(id=f"v{second}", at=at, verdicts=verdicts, team="platform", why_team="it does")
        world.tell(at, INBOX, "platform", message)
    world.advance(START + 180 * SECOND)
    return world


def test_pages_are_few_and_the_first_comes_at_once(storm: World) -> None:
    """Five at most, whatever there is; the first within two seconds."""
    calls = [entry for entry in storm.timeline if entry["subject"] == "call"]
    assert len(calls) <= 5
    assert calls[0]["at"] - BEGAN <= 2 * SECOND


def test_pages_say_how_many_they_stand_for(storm: World) -> None:
    """Together they stand for every alert, each once."""
    calls = [entry for entry in storm.timeline if entry["subject"] == "call"]
    assert sum(entry["count"] for entry in calls) == ALERTS
    largest = max(calls, key=lambda entry: int(entry["count"]))
    assert f"{largest['count']} alerts in {largest['count']} messages" in largest["title"]
    assert largest["what"] == "bundle"


def test_the_list_is_complete(storm: World) -> None:
    """Each alert stands in the product's memory, and what was told of it: by itself, or held and then delivered."""
    lines = Counter(entry["what"] for entry in storm.timeline if entry["subject"] == "notification")
    fired = [entry for entry in storm.timeline if entry["subject"] == "alert" and entry["what"] == "fired"]
    assert len(fired) == ALERTS
    assert lines["firing"] == ALERTS
    assert lines["delivered"] >= ALERTS
