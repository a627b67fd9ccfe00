"""What holds of respond in every life, whatever happens to a team's alerts and to what is sent of them."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.codes import CancelReason, NotifyReason
from tables.respond.alert.lifecycle import Status
from tables.respond.alert.standing import effective_status
from tables.respond.escalation.lifecycle import FIRING, State
from tables.respond.escalation.state import deadline
from tables.respond.group.state import place, tidy
from tables.respond.machine import Respond
from tests.tables.respond.harness import messages, notifications
from tests.tables.respond.life import Life, Move, lived, moves, notes, results
from tests.tables.torture import faults

OF_FIRING = {"firing", "escalated"}
lives = settings(max_examples=60, deadline=None)


def recount(life: Life, key: str) -> dict[str, int]:
    """A group's counts, by looking at every alert that there is."""
    operations = life.groups()[key].operations if key in life.groups() else ()
    places = Counter(
        place(effective_status(operations, alert), alert.severity)
        for alert in life.alerts()
        if alert.open and key in alert.groups
    )
    return tidy(places)


@lives
@given(moves, results)
def test_counts_of_every_group_are_a_recount_of_its_alerts(happens: list[Move], outcomes: list[str]) -> None:
    """After every step, with chunks heard or not; and there is no group that nobody is in."""
    for life, _, _ in lived(happens, outcomes):
        groups = life.groups()
        assert {key for alert in life.alerts() if alert.open for key in alert.groups} == set(groups)
        assert {key: group.counts for key, group in groups.items()} == {
            key: recount(life, key) for key in groups
        }


@lives
@given(moves, results)
def test_no_row_is_called_into_being_for_nothing(happens: list[Move], outcomes: list[str]) -> None:
    """Whatever comes, but for the rows by which messages are known to have been applied, each row holds something."""
    for life, _, _ in lived(happens, outcomes):
        rows = life.machine.rows.items()
        empty = [key for key, row in rows if not row.dead and row.value is None]
        assert [key for key in empty if not key.startswith("team/")] == []


@lives
@given(moves, results)
def test_an_escalation_stands_as_its_group_does(happens: list[Move], outcomes: list[str]) -> None:
    """It runs while something fires that nobody has, rests while somebody has all of it, and is closed otherwise."""
    for life, _, _ in lived(happens, outcomes):
        for key, escalation in life.escalations().items():
            group = life.groups().get(key)
            if group is None:
                assert escalation.state is State.CLOSED
            elif group.count(Status.FIRING):
                assert escalation.state in FIRING
                assert escalation.state is not State.GATHERING or escalation.next_step_at is not None
            else:
                assert escalation.state is State.ACKNOWLEDGED


@lives
@given(moves, results)
def test_an_acknowledgement_stops_all_that_was_pending(happens: list[Move], outcomes: list[str]) -> None:
    """Everybody who was told gets one cancellation, nothing is due but a reminder, and nothing more goes out."""
    before: dict[str, Any] = {}
    for life, move, out in lived(happens, outcomes):
        for key, escalation in life.escalations().items():
            known = before.get(key)
            if move.what != "acknowledge" or escalation.state is not State.ACKNOWLEDGED or known is None:
                continue
            if known.state in FIRING:
                cancels = [cancel for cancel in messages(out, "cancel") if cancel["group"] == key]
                assert sorted(cancel["to"] for cancel in cancels) == list(known.notified)
                assert {cancel["reason_code"] for cancel in cancels} <= {CancelReason.ACKNOWLEDGED}
            assert (escalation.pending_notice, escalation.next_step_at, escalation.pending) == (
                None,
                None,
                (),
            )
            reminder = escalation.ack_reminder
            assert deadline(escalation) == (reminder.at if reminder else None)
        before = life.escalations()


@lives
@given(moves, results)
def test_nobody_is_called_for_what_somebody_has(happens: list[Move], outcomes: list[str]) -> None:
    """While all of a group is acknowledged or over, only its end and the end of an acknowledgement are told."""
    for life, _, out in lived(happens, outcomes):
        for body in notifications(out):
            group = life.groups().get(body["group"])
            if group is None or not group.count(Status.FIRING):
                told = body["what"] not in OF_FIRING
                assert told or _fired_meanwhile(out, body)


def _fired_meanwhile(out: list[Any], body: dict[str, Any]) -> bool:
    """Whether the group's state changed again behind the notification, within the same stretch of time."""
    cancels = [
        place
        for place, output in enumerate(out)
        if b'"kind":"cancel"' in output.raw and body["group"].encode() in output.raw
    ]
    return bool(cancels) and max(cancels) > next(
        place for place, output in enumerate(out) if output.id == body["id"]
    )


@lives
@given(moves, results)
def test_no_notification_is_without_a_reason(happens: list[Move], outcomes: list[str]) -> None:
    """Each has a code of the list, and words; and so has its line in the product's memory."""
    for _, _, out in lived(happens, outcomes):
        sent, told = notifications(out), set(NotifyReason)
        assert all(body["reason_code"] in told and body["reason"] for body in sent)
        assert all(note["reason"] and note["reason_code"] for note in notes(out))
        kept = Counter(
            note["group"] for note in notes(out) for _ in _names(note) if note["reason_code"] in told
        )
        assert kept == Counter(body["group"] for body in sent)


def _names(note: dict[str, Any]) -> list[str]:
    """Whom a line names as told."""
    return str(note["reason"]).partition(": ")[0].split(", ")


@lives
@given(moves, results)
def test_each_announcement_has_one_close_for_the_same_people(
    happens: list[Move], outcomes: list[str]
) -> None:
    """Whoever heard that it fires hears once that it is over, after the last that was heard; and nobody else does."""
    life = Life(outcomes)
    for move in happens:
        life.move(move)
    life.end()
    closes: dict[tuple[str, str], list[int]] = {}
    announced: dict[tuple[str, str], list[int]] = {}
    for at, sent in enumerate(life.sent):
        kept = closes if sent.body["what"] == "resolved" else announced
        kept.setdefault((sent.body["group"], sent.body["to"]), []).append(at)
    assert closes.keys() == life.reached.keys()
    for who, places in closes.items():
        assert max(places) > min(life.reached[who])
        assert all(
            any(first < place < then for place in announced[who]) for first, then in pairwise(places)
        ), "two closes of one announcement"


JOINERS = st.lists(
    st.tuples(st.integers(0, 500), st.integers(1, 3), st.sampled_from(["critical", "warning", "ends"])),
    max_size=12,
)


@lives
@given(JOINERS)
def test_a_steps_delay_is_what_its_policy_says_whatever_joins(joiners: list[tuple[int, int, str]]) -> None:
    """The second step comes two minutes after the first was delivered, whoever joins, worsens or ends meanwhile."""
    life = Life(["delivered"])
    life.move(Move("fires", 1, "critical"))
    told = {}
    for second in range(0, 500, 10):
        for _, n, how in sorted(joiner for joiner in joiners if second <= joiner[0] < second + 10):
            life.move(Move("ends", 0) if how == "ends" else Move("fires", 0 if n == 1 else n, how))
        for body in notifications(life.move(Move("wait", how=10))):
            if body["what"] == "escalated" and body["group"] == life.sent[1].body["group"]:
                told[body["to"]] = second + 10
    assert 120 <= told["endpoint/platform/two"] <= 130


@lives
@given(st.lists(moves, min_size=2, max_size=3), st.randoms(use_true_random=False))
def test_the_order_of_unrelated_alerts_is_irrelevant(each: list[list[Move]], chance: Any) -> None:
    """Alerts that share no group are told of as if there were no others, however their inputs lie in the log."""
    queues = [
        [move._replace(n=n + 1) for move in happens if move.what not in ("wait", "chunk")]
        for n, happens in enumerate(each)
    ]
    apart = [_told(queue) for queue in queues]
    mixed: list[Move] = []
    left = [list(queue) for queue in queues]
    while any(left):
        queue = chance.choice([queue for queue in left if queue])
        mixed.append(queue.pop(0))
    together = _told(mixed)
    for alone in apart:
        assert {key: together[key] for key in alone} == alone
    assert together.keys() == {key for alone in apart for key in alone}


def _told(happens: list[Move]) -> dict[str, list[Any]]:
    """What people hear of each group that an alert has to itself, in order."""
    life = Life(["delivered"])
    for move in happens:
        life.move(move)
    life.move(Move("wait", how=300))
    told: dict[str, list[Any]] = {}
    for sent in life.sent:
        if sent.body["to"] != "endpoint/platform/book":  # its route groups by rule: there they are related
            shown = [
                sent.body[name]
                for name in ("to", "what", "reason_code", "reason", "count", "title", "severity")
            ]
            told.setdefault(sent.body["group"], []).append(shown)
    return told


@settings(max_examples=25, deadline=None)
@given(moves, results, st.integers(0, 3))
def test_any_life_under_torture(happens: list[Move], outcomes: list[str], seed: int) -> None:
    """However often the machine dies in between, it says and keeps what an undisturbed one does."""
    life = Life(outcomes)
    for move in happens:
        life.move(move)
    assert faults(Respond, life.log, seed) == []
