"""What a verdict makes of an alert, beside the moves of its table: duplicates, refreshes, doubts, what was missed."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from streams.codes import AlertReason
from streams.messages.verdict import Verdict
from tables.respond.alert.lifecycle import Status
from tables.respond.alert.state import Resolution, snapshot
from tables.respond.alert.verdict import MANUAL_RESOLVE_GRACE, concerns, on_verdict
from tests.tables.respond.harness import START, VERDICTS, alert, facts, moment, verdict

BY_HAND = alert(
    Status.RESOLVED, resolution=Resolution(START + 10**6, "anna", "", "anna resolved it", 5_000_000)
)


def test_that_nothing_is_wrong_calls_no_row_into_being() -> None:
    """Only what fires, or has fired and ended while we were away, or is known already."""
    assert not concerns(None, verdict(state="ok"))
    assert concerns(None, verdict())
    assert concerns(None, verdict(state="ok", missed=True))
    assert concerns(alert(), verdict(state="ok"))
    assert on_verdict(None, VERDICTS, verdict(state="ok"), moment(), 10) is None


def test_it_fires_with_an_id_of_its_occurrence() -> None:
    """First of its kind, or the next one of a row that is remembered; since the breach where it is told late."""
    first = on_verdict(None, VERDICTS, verdict(), moment(), 10)
    again = on_verdict(alert(Status.RESOLVED), VERDICTS, verdict(delayed=True), moment(), 10)
    assert first is not None
    assert again is not None
    assert (first.fires, first.moved, first.after.occurrence.number) == (True, True, 1)
    assert (first.after.occurrence.triggered_at, first.after.acknowledgeable_after) == (
        START + 1_000_000,
        100,
    )
    assert (again.after.occurrence.number, again.after.occurrence.triggered_at) == (2, START)
    assert first.after.occurrence.id != again.after.occurrence.id
    other = on_verdict(None, VERDICTS, verdict(), moment(), 11)
    assert other is not None
    assert other.after.occurrence.id != first.after.occurrence.id


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("sequence", [0, 1])
@pytest.mark.parametrize("state", ["firing", "ok"])
def test_a_duplicate_changes_nothing(status: Status, sequence: int, state: str) -> None:
    """The highest sequence wins."""
    assert on_verdict(alert(status), VERDICTS, verdict(sequence, state, "info"), moment(), 10) is None


@pytest.mark.parametrize("status", [Status.FIRING, Status.ACKNOWLEDGED])
def test_a_refresh_of_what_is_open_brings_its_value_and_tells_nobody(status: Status) -> None:
    """Whoever is told next reads the present value; what is known is not told again."""
    before, newer = alert(status), verdict(1, refresh=True, value=7.5, message="now 7.5", valued_at=5)
    step = on_verdict(before, VERDICTS, newer, moment(), 10)
    assert step is not None
    assert (step.moved, step.fires, step.after.status) == (False, False, status)
    assert [(told.what, told.code) for told in step.announcements] == [("renewed", AlertReason.NEWER_VALUE)]
    assert (step.after.facts.value, step.after.facts.message, step.after.facts.valued_at) == (
        7.5,
        "now 7.5",
        5,
    )


def test_a_refresh_opens_what_nobody_has_closed() -> None:
    """It was closed wrongly, so it fires again at once."""
    step = on_verdict(alert(Status.RESOLVED), VERDICTS, verdict(1, refresh=True), moment(), 10)
    assert step is not None
    assert (step.after.status, step.fires) == (Status.FIRING, True)


@pytest.mark.parametrize(
    ("later", "fires"), [(0, False), (MANUAL_RESOLVE_GRACE - 1, False), (MANUAL_RESOLVE_GRACE, True)]
)
def test_whoever_closed_it_is_believed_for_a_while(later: int, fires: bool) -> None:
    """Its row is kept meanwhile; then it fires again, and says who had closed it."""
    now = moment(active=10**6 + later)
    step = on_verdict(BY_HAND, VERDICTS, verdict(1, refresh=True), now, 10)
    assert step is not None
    assert step.fires == fires
    if fires:
        assert step.announcements[0].reason == "anna resolved it, but so it is"
    else:
        assert (step.moved, step.announcements, step.after.status) == (False, (), Status.RESOLVED)
        assert step.after.resolution is not None
        assert step.after.resolution.retained_until > now.active


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (verdict(2, severity="warning"), ""),
        (verdict(2, unknown="nothing comes", data_quality=("unknown",)), ""),
        (verdict(2, value=None, data_quality=("no value comes any more",)), ""),
        (verdict(2, since=START + 10**6 + 1), "so it is"),
    ],
    ids=["milder", "silent", "missing", "begun since"],
)
def test_whatever_is_said_of_the_same_breach_opens_nothing(said: Verdict, words: str) -> None:
    """A person is believed whatever detect says of what was resolved, unless it is worse; what begins later is new."""
    step = on_verdict(BY_HAND, VERDICTS, said, moment(active=10**6 + 60_000), 10)
    assert step is not None
    assert [told.reason for told in step.announcements] == ([words] if words else [])
    assert step.after.open == step.fires == bool(words)
    assert step.after.sequence == 2


def test_what_got_worse_after_it_was_closed_fires_at_once() -> None:
    """Whoever closed it meant something milder, and is named."""
    milder = replace(BY_HAND, severity="warning")
    step = on_verdict(milder, VERDICTS, verdict(2), moment(active=10**6 + 60_000), 10)
    assert step is not None
    assert (step.fires, step.announcements[0].code) == (True, AlertReason.SEVERITY_ROSE)
    assert step.announcements[0].reason == "anna resolved it, but it got worse: so it is"


def test_what_nobody_can_see_stays_closed_after_its_while() -> None:
    """A source that is silent for hours says nothing against whoever closed it."""
    late = moment(active=10**6 + 2 * MANUAL_RESOLVE_GRACE)
    step = on_verdict(BY_HAND, VERDICTS, verdict(1, refresh=True, unknown="nothing comes"), late, 10)
    assert step is not None
    assert (step.after.open, step.announcements) == (False, ())
    seen = on_verdict(BY_HAND, VERDICTS, verdict(2), late, 10)
    assert seen is not None
    assert seen.announcements[0].reason == "anna resolved it, but it still holds: so it is"


def test_what_a_person_closed_and_detect_ended_fires_as_new() -> None:
    """Once detect has said that it is over, what fires is another occurrence, whoever closed the last one."""
    over = on_verdict(BY_HAND, VERDICTS, verdict(2, "ok"), moment(), 10)
    assert over is not None
    step = on_verdict(over.after, VERDICTS, verdict(3), moment(active=10**6 + 60_000), 10)
    assert step is not None
    assert (step.fires, step.announcements[0].reason) == (True, "so it is")


def test_worse_undoes_an_acknowledgement_and_milder_makes_it_last() -> None:
    """A higher severity finds routes anew; what has become a warning is held without an end."""
    worse = on_verdict(alert(Status.ACKNOWLEDGED, "warning"), VERDICTS, verdict(), moment(), 10)
    milder = on_verdict(alert(Status.ACKNOWLEDGED), VERDICTS, verdict(severity="warning"), moment(), 10)
    assert worse is not None
    assert milder is not None
    assert (worse.after.acknowledgement, worse.fires, worse.after.acknowledgeable_after) == (None, True, 100)
    assert worse.announcements[0].what == "worsened"
    assert milder.after.acknowledgement is not None
    assert (milder.after.acknowledgement.until, milder.after.acknowledgement.expires) == (None, None)
    assert (milder.fires, milder.moved, milder.announcements[0].what) == (False, True, "updated")


def test_doubts_are_told_and_move_nothing() -> None:
    """What cannot be seen has an alert of its own, so nobody is called for a doubt."""
    doubted = on_verdict(alert(), VERDICTS, verdict(data_quality=("its source is silent",)), moment(), 10)
    known = alert(facts=facts(data_quality=("its source is silent",)))
    certain = on_verdict(known, VERDICTS, verdict(), moment(), 10)
    assert doubted is not None
    assert certain is not None
    assert [(told.what, told.reason) for told in doubted.announcements] == [
        ("doubted", "its source is silent")
    ]
    assert [told.what for told in certain.announcements] == ["confirmed"]
    assert (doubted.moved, certain.moved) == (False, False)


def test_what_was_missed_is_over_at_once() -> None:
    """It fired and ended while we were away: an occurrence of its own that no group hears of."""
    step = on_verdict(None, VERDICTS, verdict(state="ok", missed=True, delayed=True), moment(), 10)
    assert step is not None
    assert (step.missed, step.moved, step.fires, step.after.open) == (True, False, False, False)
    assert step.after.resolution is not None
    assert (step.announcements[0].what, step.after.occurrence.triggered_at) == ("missed", START)


def test_another_team_is_told_why() -> None:
    """The facts of an alert are those of its newest verdict, whose it is included."""
    step = on_verdict(alert(), replace(VERDICTS, why_team="owns it"), verdict(value=7.0), moment(), 10)
    assert step is not None
    assert (step.after.facts.value, step.after.facts.why_team, step.after.sequence) == (7.0, "owns it", 2)
    assert (step.moved, [told.what for told in step.announcements]) == (False, ["renewed"])


def test_a_snapshot_shows_who_had_it_and_how_it_ended() -> None:
    """Everybody else sees the alert so."""
    shown = snapshot(BY_HAND, moment().now, BY_HAND.version)
    assert (shown.resolved_by, shown.resolved_at, shown.resolution_notes) == ("anna", START + 10**6, None)
    assert (shown.status, shown.groups, shown.acknowledged_by) == (Status.RESOLVED, ("t/g",), None)
    held = snapshot(alert(Status.ACKNOWLEDGED), moment().now, 1)
    assert (held.acknowledged_by, held.acknowledged_at, held.acknowledged_until) == (
        "anna",
        START,
        START + 3_600_000,
    )
