"""What holds of suppression in every life: nobody is told of what is suppressed, and its end always speaks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.topics import CHANGES, NOTIFY
from tables.kernel.output import Output
from tables.respond.escalation.lifecycle import FIRING, State
from tables.respond.group.state import GroupStanding, place, standing, tidy
from tables.respond.machine import Respond
from tables.respond.suppression import cover
from tests.tables.respond.life import Move, results
from tests.tables.respond.suppression.muted import Muted, ids, muted
from tests.tables.torture import faults

lives = settings(max_examples=60, deadline=None)


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """One alert a chunk, so that rechecks are long."""
    monkeypatch.setattr(cover, "CHUNK", 1)


def lived(script: list[Move], outcomes: list[str]) -> Iterator[tuple[Muted, list[Output]]]:
    """A life move by move, with what was said at each."""
    life = Muted(outcomes)
    for move in script:
        yield life, life.move(move)


@lives
@given(muted, results)
def test_nobody_is_told_of_a_suppressed_alert(script: list[Move], outcomes: list[str]) -> None:
    """Neither of one that is remembered as suppressed, nor of one whose turn in a recheck has not come yet."""
    for life, _ in lived(script, outcomes):
        assert life.wrong == []


@lives
@given(muted, results)
def test_counts_tell_firing_from_suppressed(script: list[Move], outcomes: list[str]) -> None:
    """After every step a group's counts are a recount of its alerts, and its escalation stands as they say."""
    for life, _ in lived(script, outcomes):
        for key, group in life.groups().items():
            counts = Counter(
                place(standing(group, alert, life.hidden(alert)), alert.severity)
                for alert in life.alerts()
                if alert.open and key in alert.groups
            )
            assert group.counts == tidy(counts)
            escalation = life.escalations().get(key)
            if group.count(GroupStanding.FIRING):
                assert escalation is not None
                assert escalation.state in FIRING
            elif escalation is not None and escalation.state is not State.CLOSED:
                assert escalation.state is (
                    State.ACKNOWLEDGED if group.count(GroupStanding.ACKNOWLEDGED) else State.SUPPRESSED
                )
                assert (escalation.pending_notice, escalation.next_step_at) == (None, None)


@lives
@given(muted, results)
def test_the_end_of_a_suppression_always_speaks(script: list[Move], outcomes: list[str]) -> None:
    """What fires and was suppressed is told of within two ticks after all of a recheck has been heard."""
    life, released = Muted(outcomes), dict[str, int]()
    for move in script:
        life.move(move)
    life.drain()
    for at, output in enumerate(life.out):
        body = orjson.loads(output.raw)
        if output.topic == CHANGES and body.get("alert_id"):
            released.pop(body["alert_id"], None)
            if body["what"] == "released":
                released[body["alert_id"]] = at
    for alert in life.alerts():
        at = released.get(alert.occurrence.id, len(life.out))
        if alert.open and alert.acknowledgement is None and at < len(life.out):
            later = [orjson.loads(output.raw) for output in life.out[at:] if output.topic == NOTIFY]
            told = {
                body["group"] for body in later if body["kind"] == "notification" and body["what"] == "firing"
            }
            assert set(alert.groups) <= told
            assert any(alert.occurrence.id in ids(body) for body in later if body["kind"] == "notification")


@lives
@given(muted, results)
def test_what_holds_is_what_is_remembered_once_all_is_heard(script: list[Move], outcomes: list[str]) -> None:
    """No alert stays suppressed by what has ended, and none is forgotten by what has begun."""
    life = Muted(outcomes)
    for move in script:
        life.move(move)
    life.drain()
    for alert in life.alerts():
        assert life.hidden(alert) == life.covered(alert)
    assert not list(life.machine.scan_sorted("cover/rechecking"))


@settings(max_examples=40, deadline=None)
@given(muted, results, st.integers(0, 3))
def test_any_muted_life_under_torture(script: list[Move], outcomes: list[str], seed: int) -> None:
    """However often the machine dies, rechecks go on where they stood, and all is said and remembered once."""
    life = Muted(outcomes)
    for move in script:
        life.move(move)
    life.drain()
    assert faults(Respond, life.log, seed) == []
