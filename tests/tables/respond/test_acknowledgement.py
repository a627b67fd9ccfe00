"""Acknowledgements: what one covers of an alert with several groups, and how they end under crashes."""

from __future__ import annotations

from typing import Any

import pytest

from streams.messages.command import Acknowledge
from tables.respond.alert.lifecycle import Status
from tables.respond.machine import Respond
from tests.tables.respond.harness import Crowd, Inbox, verdict
from tests.tables.torture import Log, faults, plain

STEP = 20_000  # ms between ticks: near enough that time counts


ROUTES: list[tuple[str, dict[str, Any]]] = [
    ("endpoint", {"name": "book", "channel": "log"}),
    ("endpoint", {"name": "pager", "channel": "log"}),
    ("route", {"name": "a", "order": 1, "to": "endpoint/book", "continue": True, "group_by": ["gateway"]}),
    ("route", {"name": "b", "order": 2, "to": "endpoint/pager", "group_by": ["n"]}),
]


def had(group: str = "") -> list[bool]:
    """Three alerts in a group each and in one of a diary: which are acknowledged once the first is, in `group`."""
    inbox = Inbox(*ROUTES)
    of = [f"g|r|cpu{n}" for n in range(3)]
    inbox.judge(*(verdict(1, fingerprint=name, labels={"n": name}) for name in of))
    groups = {alert.facts.fingerprint: alert.groups for alert in inbox.alerts()}[of[0]]
    inbox.command(Acknowledge(alert=of[0], group={"diary": groups[0], "own": groups[1]}.get(group, group)))
    found = {alert.facts.fingerprint: alert.status is Status.ACKNOWLEDGED for alert in inbox.alerts()}
    counts = [dict(group.counts) for group in inbox.groups().values()]
    wanted = sum(found.values())
    assert sum(count.get("acknowledged/critical", 0) for count in counts) == 2 * wanted
    assert sum(count.get("firing/critical", 0) for count in counts) == 2 * (3 - wanted)
    return [found[name] for name in of]


def test_an_alert_and_what_is_told_with_it_everywhere() -> None:
    """A route that groups more makes nobody's acknowledgement wider; a group that it has left means the same."""
    assert had() == had("t/gone") == [True, False, False]


def test_the_group_that_was_answered() -> None:
    """Whoever answers a notification means what it told of: all of the diary's group, or the one of the pager's."""
    assert had("diary") == [True, True, True]
    assert had("own") == [True, False, False]


def logged() -> Log:
    """Fifty critical alerts fire in two waves, are acknowledged, and again; and two hours pass."""
    crowd = Crowd()
    for n in range(400):
        if n == 1:
            list(crowd.verdicts(40, 1))
        if n == 20:
            list(crowd.verdicts(50, 1))
        if n in (10, 30, 100):
            crowd.acknowledge()
        crowd.wait(STEP)
    return crowd.log


@pytest.mark.parametrize("seed", range(5))
def test_an_end_under_torture(seed: int) -> None:
    """However often the machine dies, each alert is held, held longer and let go of once."""
    log = logged()
    undisturbed = plain(Respond, log)
    said = [output.raw for output in undisturbed[0]]
    for what, times in (("acknowledged", 50), ("extended", 50), ("unacknowledged", 50), ("reminder", 1)):
        assert sum(f'"what":"{what}"'.encode() in raw and b'"kind":"change"' in raw for raw in said) >= times
    assert faults(Respond, log, seed, undisturbed=undisturbed) == []
