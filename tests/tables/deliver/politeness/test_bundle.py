"""A queue goes as one message: when the first of it may, never too soon after the last, and without what is over."""

from __future__ import annotations

from typing import Any

from streams.codes import HoldReason, NotifyReason
from streams.topics import NOTIFY
from tables.deliver.dispatch.lifecycle import DeliveryState
from tables.deliver.politeness.bundle import LONGEST, PAUSE, HeldNotification, compose, gather, gone
from tables.deliver.politeness.hold import HoldUntil
from tests.tables.deliver.harness import START, Ledger, bodies, notification, outcome

TO = "endpoint/platform/phone"
PHONE: dict[str, Any] = {"name": "phone", "channel": "ntfy", "topic": "x", "pages": 1}
STATES = DeliveryState


def hold(until: int = 1_000) -> HoldUntil:
    """A hold of a crowded recipient."""
    return HoldUntil(HoldReason.THROTTLED, until, "more than one", "crowded")


def one(id: str, **fields: Any) -> HeldNotification:
    """One that is held."""
    return HeldNotification(notification(id, **fields), hold())


def test_it_goes_when_the_first_may_and_pauses_grow() -> None:
    """A queue that was empty for a while begins anew."""
    queue = gather(gather(None, TO, hold(5_000), 7), TO, hold(3_000), 8)
    assert (queue.due_at, queue.covered) == (3_000, 6)
    first = gone(queue, 8, 3_000)
    assert (first.due_at, first.covered, first.forget_at) == (None, 8, 3_000 + PAUSE)
    again = gather(first, TO, hold(4_000), 9)
    assert again.due_at == first.forget_at
    pauses = [first.pause]
    for _ in range(4):
        first = gone(first, 9, 3_000)
        pauses.append(first.pause)
    assert pauses == [60_000, 120_000, 240_000, 300_000, 300_000]


def test_what_is_critical_waits_a_minute_at_most() -> None:
    """However long the pause has grown by other news, which then go with it."""
    queue = gather(None, TO, hold(), 1)
    for _ in range(5):
        queue = gone(queue, 9, 3_000)
    assert gather(queue, TO, hold(4_000), 10).due_at == 3_000 + LONGEST
    noisy = gather(queue, TO, hold(4_000), 10)
    assert gather(noisy, TO, hold(4_000), 11, urgent=True).due_at == 3_000 + PAUSE


def test_one_alone_is_told_as_itself() -> None:
    """With why it waited."""
    told = compose("b", TO, [one("n", title="cpu")], 9)
    assert (told.id, told.what, told.title, told.group) == ("b", "firing", "cpu", "t/g")
    assert told.reason == "r; held: more than one"


def test_several_say_how_many_they_stand_for() -> None:
    """The worst that fires comes first, what is over last; over several teams nobody's name stands there."""
    held = [
        one("a", what="resolved", count=4),
        one("b", severity="warning", count=3),
        one("c", title="worst", count=2, at=START + 5, team="other"),
    ]
    told = compose("b", TO, held, 9)
    assert (told.count, told.severity, told.what, told.team) == (9, "critical", "bundle", "platform")
    assert told.title == "9 alerts in 3 messages, 1 of them say that it is over: worst"
    assert told.reason_code is NotifyReason.BUNDLED
    assert told.reason == "3 messages in one; held: more than one (3)"


def crowded(number: int = 3) -> Ledger:
    """A recipient who has had one message, and for whom others are held."""
    ledger = Ledger(PHONE)
    for n in range(number + 1):
        ledger.ask(f"n{n}", to=TO, group=f"t/{n}")
    ledger.tell(outcome(id="n0", to=TO, at=ledger.now))
    return ledger


def bundle(out: list[Any]) -> dict[str, Any]:
    """The only attempt at a bundle."""
    (attempt,) = [one for one in bodies(out, "attempt") if one["notification"]["id"].startswith("bundle/")]
    return dict(attempt["notification"])


def answer(ledger: Ledger, id: str, result: str = "delivered", number: int = 1) -> list[Any]:
    """An outcome of a bundle, and what the machine tells itself of it."""
    out = ledger.tell(outcome(result, number, id, to=TO, at=ledger.now))
    said = [raw for raw in out if raw.topic == NOTIFY]
    for raw in said:
        ledger.log.append((ledger.now, raw.raw))
        out += ledger.machine.apply(ledger.machine.head.seen + 1, ledger.now, raw.raw)
    return out


def test_all_that_it_stood_for_is_delivered_with_it() -> None:
    """Each notification ends by itself, so that respond knows who heard."""
    ledger = crowded()
    told = bundle(ledger.tick(31))
    receipts = bodies(answer(ledger, told["id"]), "receipt")
    assert sorted((each["notification"], each["result"]) for each in receipts) == [
        (f"n{n}", "delivered") for n in (1, 2, 3)
    ]
    assert ledger.tick(70) == []


def test_what_somebody_has_by_then_is_not_in_it() -> None:
    """An acknowledgement stops what is held; where nothing is left, nothing goes."""
    ledger = crowded()
    ledger.cancel("t/1", TO)
    told = bundle(ledger.tick(31))
    assert told["count"] == 2
    receipts = bodies(answer(ledger, told["id"]), "receipt")
    assert sorted(each["notification"] for each in receipts) == ["n2", "n3"]
    nothing = crowded()
    for n in (1, 2, 3):
        nothing.cancel(f"t/{n}", TO)
    assert bodies(nothing.tick(40), "attempt") == []


def test_one_that_is_tried_again_is_put_together_anew() -> None:
    """Without what somebody has meanwhile; who heard of it all the same is known."""
    ledger = crowded()
    told = bundle(ledger.tick(31))
    ledger.cancel("t/1", TO)
    ledger.tell(outcome("retry", 1, told["id"], to=TO, at=ledger.now))
    again = bundle(ledger.tick(6))
    assert (again["id"], again["count"]) == (told["id"], 2)
    late = crowded()
    told = bundle(late.tick(31))
    late.cancel("t/1", TO)
    receipts = bodies(answer(late, told["id"]), "receipt")
    assert sorted(each["notification"] for each in receipts) == ["n1", "n2", "n3"]


def test_what_it_stood_for_fails_with_it() -> None:
    """So that others are told."""
    ledger = crowded()
    receipts = bodies(answer(ledger, bundle(ledger.tick(31))["id"], "rejected"), "receipt")
    assert sorted((each["notification"], each["result"]) for each in receipts) == [
        (f"n{n}", "failed") for n in (1, 2, 3)
    ]


def test_a_large_one_ends_in_chunks() -> None:
    """A thousand notifications for each message to ourselves."""
    ledger = crowded(2_500)
    told = bundle(ledger.tick(31))
    out, receipts = answer(ledger, told["id"]), []
    while out:
        receipts += bodies(out, "receipt")
        said = [raw.raw for raw in out if raw.topic == NOTIFY]
        out = [
            each
            for raw in said
            for each in ledger.machine.apply(ledger.machine.head.seen + 1, ledger.now, raw)
        ]
    assert len({each["notification"] for each in receipts}) == 2_500
