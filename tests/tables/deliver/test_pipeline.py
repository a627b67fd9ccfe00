"""From a notification to its end, through the machine: attempts, duplicates, cancellations, receipts, threads."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.messages.attempt import Attempt
from streams.messages.config import ConfigRevision
from streams.topics import INBOX
from tables.deliver.context import LOG
from tables.deliver.dispatch.lifecycle import OVER, DeliveryState
from tables.deliver.dispatch.state import OUTCOME_TIMEOUT, RETENTION
from tables.deliver.machine import Deliver
from tables.deliver.pipeline import ENDPOINT_GRACE
from tests.tables.deliver.harness import HOOK, USEFUL, Ledger, bodies, outcome
from tests.tables.torture import faults


def test_a_duplicate_is_one() -> None:
    """The same id a second time says nothing."""
    ledger = Ledger()
    assert sorted(output.topic for output in ledger.ask()) == ["changes", "send.log.critical"]
    assert ledger.ask() == []


def test_an_attempt_says_all_that_a_sink_needs() -> None:
    """The endpoint, the notification, and until when it is of use."""
    ledger = Ledger({"name": "hook", "channel": "webhook", "url": "https://x.example"})
    (raw,) = [output.raw for output in ledger.ask(to=HOOK) if output.topic.startswith("send.")]
    attempt = Attempt.parse(raw)
    assert (attempt.channel, attempt.number, attempt.endpoint["name"]) == ("webhook", 1, "hook")
    assert attempt.deadline == ledger.now + OUTCOME_TIMEOUT
    assert attempt.notification.id == "n"


def test_the_memory_names_the_recipient_and_the_channel() -> None:
    """As fields, beside the words: of each attempt and of the end; a channel only where the endpoint is known."""
    ledger = Ledger({"name": "hook", "channel": "webhook", "url": "https://x.example"})
    changes = bodies([*ledger.ask(to=HOOK), *ledger.report(to=HOOK)], "change")
    assert [(each["what"], each["delivery"]) for each in changes] == [
        (
            what,
            {
                "to": HOOK,
                "channel": "webhook",
                "purpose": "firing",
                "until": None,
                "document": "",
                "reference": "",
                "bundle": "",
            },
        )
        for what in ("sent", "delivered")
    ]
    (gone,) = bodies(Ledger().ask(to="endpoint/t/gone"), "change")
    assert gone["delivery"]["channel"] == ""


@pytest.mark.parametrize(
    ("more", "kept"),
    [
        ({"channel": "webhook", "url": "https://x.example"}, ""),
        ({"channel": "pushover", "token": "t" * 30, "user": "u" * 30}, "r1"),
    ],
)
def test_what_a_provider_calls_a_message(more: dict[str, Any], kept: str) -> None:
    """It is kept where the provider is asked by that whether somebody answered."""
    ledger = Ledger({"name": "hook", **more})
    changes = bodies([*ledger.ask(to=HOOK), *ledger.report(to=HOOK, reference="r1")], "change")
    assert [each["delivery"]["reference"] for each in changes] == ["", kept]


def test_what_did_not_arrive_after_all() -> None:
    """It had been taken; respond hears of the failure, once."""
    ledger = Ledger()
    ledger.ask()
    ledger.report()
    said = [*ledger.report("undelivered", reason="no such phone"), *ledger.report("undelivered")]
    assert [each["result"] for each in bodies(said, "receipt")] == ["failed"]
    (change,) = bodies(said, "change")
    assert (change["what"], change["subject"]) == ("failed", "notification")
    assert "no such phone" in change["reason"]


def test_where_nobody_is_nobody_is_called() -> None:
    """An endpoint that was deleted fails for good at once, and respond hears of it."""
    ledger = Ledger({"name": "hook", "channel": "webhook", "url": "https://x.example"})
    ledger.forget("hook")
    (receipt,) = bodies(ledger.ask(to=HOOK), "receipt")
    assert (receipt["result"], receipt["transient"]) == ("failed", False)
    assert receipt["reason"] == f"{HOOK} does not exist"


def test_an_endpoint_that_was_never_heard_of_is_waited_for() -> None:
    """For a bounded time, which is told with a code; then it fails for good, once."""
    ledger = Ledger()
    (held,) = bodies(ledger.ask(to="endpoint/t/none"), "change")
    assert (held["what"], held["reason_code"]) == ("held", "endpoint_awaited")
    assert held["reason"] == "firing to t/none: endpoint/t/none is not known yet: it is waited for 30s"
    assert held["delivery"]["until"] == ledger.now + ENDPOINT_GRACE
    assert bodies(ledger.tick(ENDPOINT_GRACE // 1_000 - 1), "receipt") == []
    (receipt,) = bodies(ledger.tick(1), "receipt")
    assert (receipt["result"], receipt["reason"]) == ("failed", "endpoint/t/none does not exist")
    assert ledger.tick(5) == []


def test_what_waits_for_its_endpoint_can_be_cancelled() -> None:
    """As anything that is pending."""
    ledger = Ledger()
    ledger.ask(to="endpoint/t/none")
    (receipt,) = bodies(ledger.cancel(to="endpoint/t/none"), "receipt")
    assert receipt["result"] == "cancelled"


@pytest.mark.parametrize("later", [1, 29])
def test_a_notification_before_the_document_of_its_endpoint(later: int) -> None:
    """Two logs have no common order: whichever comes first, the message goes."""
    ledger = Ledger()
    ledger.ask(to=HOOK)
    ledger.tick(later)
    body = {"name": "hook", "channel": "webhook", "url": "https://x.example"}
    ledger.tell(ConfigRevision(id="h", at=ledger.now, owner="platform", type="endpoint", name="hook", revision=1,
                               body=body))  # fmt: skip
    attempts = [output for output in ledger.tick(1) if output.topic.startswith("send.webhook")]
    assert len(attempts) == 1
    (receipt,) = bodies(ledger.report(to=HOOK), "receipt")
    assert receipt["result"] == "delivered"


@pytest.mark.parametrize(("result", "word"), [("delivered", "delivered"), ("rejected", "failed")])
def test_respond_hears_of_the_end_once(result: str, word: str) -> None:
    """One receipt, keyed by the team, whatever comes after."""
    ledger = Ledger()
    ledger.ask()
    (receipt,) = bodies(ledger.report(result), "receipt")
    assert (receipt["result"], receipt["notification"], receipt["what"]) == (word, "n", "firing")
    assert [output.key for output in ledger.out if output.topic == INBOX] == ["t"]
    assert ledger.report() == []


def test_an_outcome_of_an_older_attempt_is_no_news() -> None:
    """A refusal of the first attempt does not end the second one."""
    ledger = Ledger()
    ledger.ask()
    ledger.report("retry")
    ledger.tick(6)
    ledger.report("rejected", 1)
    assert (ledger.dispatch().state, ledger.dispatch().number) == (DeliveryState.TRYING, 2)


def test_an_outcome_that_never_comes_is_not_waited_for() -> None:
    """It is sent again under the same id; when the outcome comes after all, only a delivery is news."""
    ledger = Ledger()
    ledger.ask()
    ledger.tick(OUTCOME_TIMEOUT // 1_000)
    assert ledger.dispatch().state is DeliveryState.WAITING
    assert ledger.report("rejected") == []
    ledger.report("delivered")
    assert ledger.dispatch().state is DeliveryState.DELIVERED


def test_a_newer_message_takes_the_place_of_one_that_is_pending() -> None:
    """Of the same group for the same recipient; the word that it is over cancels nothing and is not cancelled."""
    ledger = Ledger()
    ledger.ask("first")
    ledger.ask("other", group="t/other")
    out = ledger.ask("second", what="escalated")
    assert [receipt["notification"] for receipt in bodies(out, "receipt")] == ["first"]
    assert bodies(ledger.ask("over", what="resolved"), "receipt") == []
    ledger.cancel()
    assert {id: dispatch.state for id, dispatch in ledger.dispatches().items()} == {
        "first": DeliveryState.CANCELLED, "other": DeliveryState.TRYING, "second": DeliveryState.CANCELLED,
        "over": DeliveryState.TRYING,
    }  # fmt: skip


def test_a_cancellation_of_nothing_says_nothing() -> None:
    """Nothing is pending, or it is another group's."""
    ledger = Ledger()
    assert ledger.cancel() == []
    ledger.ask()
    assert ledger.cancel("t/other") == []
    ledger.report()
    assert ledger.cancel() == []


def test_a_later_message_knows_what_the_provider_called_the_first() -> None:
    """So that it can be put in its place; another group's cannot."""
    ledger = Ledger()
    ledger.ask()
    ledger.report(reference="ts-1")
    (second,) = bodies(ledger.ask("second"), "attempt")
    (other,) = bodies(ledger.ask("third", group="t/other"), "attempt")
    assert (second["reference"], other.get("reference", "")) == ("ts-1", "")


def test_a_late_outcome_calls_nothing_back() -> None:
    """A notification that is over, and whose rows are only still to be deleted, stays deleted."""
    ledger = Ledger()
    ledger.ask()
    ledger.report()
    ledger.tick(3 * (USEFUL + RETENTION) // 1_000, 20)
    ledger.machine.snapshot()
    assert ledger.tell(outcome()) == []
    ledger.machine.snapshot()
    ledger.machine.snapshot()
    assert not [key for key in ledger.machine.rows if key.startswith(("dispatch/", "intent/", "attempt/"))]


def test_a_duplicate_that_comes_when_the_dispatch_has_gone_is_still_one() -> None:
    """An intent is remembered for longer than its dispatch."""
    ledger = Ledger()
    ledger.ask()
    ledger.report()
    ledger.tick((RETENTION + 60_000) // 1_000, 20)
    assert ledger.dispatches() == {}
    assert ledger.ask() == []


def test_an_outcome_of_an_attempt_that_nobody_made_calls_no_row_into_being() -> None:
    """Nor does one whose attempt has been forgotten."""
    ledger = Ledger()
    ledger.ask()
    ledger.report(number=7)
    assert [key for key in ledger.machine.rows if key.startswith("attempt/")] == [f"attempt/{LOG}/n#1"]


MOVES = st.lists(
    st.one_of(
        st.tuples(
            st.just("ask"),
            st.integers(0, 5),
            st.sampled_from(["firing", "escalated", "reminder", "resolved"]),
        ),
        st.tuples(st.just("cancel"), st.integers(0, 1), st.none()),
        st.tuples(
            st.just("report"), st.integers(0, 5), st.sampled_from(["delivered", "retry", "rejected", "late"])
        ),
        st.tuples(st.just("tick"), st.integers(1, 40), st.none()),
    ),
    max_size=40,
)


def lived(moves: list[Any]) -> tuple[Ledger, list[Any]]:
    """A machine to which all of this has happened, and all that it said."""
    ledger, out = Ledger(), []
    for move, n, what in moves:
        if move == "ask":
            out += ledger.ask(f"n{n}", what=what, group=f"t/{n % 2}")
        elif move == "cancel":
            out += ledger.cancel(f"t/{n}")
        elif move == "tick":
            out += ledger.tick(n)
        elif (known := ledger.dispatches().get(f"n{n}")) is not None:
            out += ledger.tell(outcome(what, known.number, f"n{n}", at=ledger.now))
    return ledger, out


@given(MOVES)
@settings(deadline=None)
def test_each_notification_ends_once(moves: list[Any]) -> None:
    """At most one end of each is told, and exactly one of those that are over; a delivery may follow a cancellation."""
    ledger, out = lived(moves)
    receipts = [(receipt["notification"], receipt["result"]) for receipt in bodies(out, "receipt")]
    assert len(set(receipts)) == len(receipts)
    for id, dispatch in ledger.dispatches().items():
        results = [result for notification, result in receipts if notification == id]
        assert len(results) == (dispatch.state in OVER) or results == ["cancelled", "delivered"]


@given(MOVES)
@settings(deadline=None)
def test_nothing_is_sent_that_is_of_no_use(moves: list[Any]) -> None:
    """No attempt follows a cancellation, a delivery, or a newer message of its group; each has its own number."""
    over: set[str] = set()
    numbers: dict[str, int] = {}
    for output in lived(moves)[1]:
        over |= {receipt["notification"] for receipt in bodies([output], "receipt")}
        for attempt in bodies([output], "attempt"):
            id = attempt["notification"]["id"]
            assert id not in over
            assert attempt["number"] == numbers.get(id, 0) + 1
            numbers[id] = attempt["number"]


@given(MOVES, st.integers(0, 3))
@settings(max_examples=20, deadline=None)
def test_any_life_under_torture(moves: list[Any], seed: int) -> None:
    """However often the machine dies in between, it says and keeps what an undisturbed one does."""
    assert faults(Deliver, lived(moves)[0].log, seed) == []
