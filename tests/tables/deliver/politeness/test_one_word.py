"""Several groups of one message that somebody has: a room hears one word, and each group's own message is kept up."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.channels.way_back.group_key import ANSWERS
from streams.messages.attempt import Attempt
from tables.deliver.machine import Deliver
from tables.kernel.output import Output
from tests.tables.deliver.harness import START, Ledger, bodies
from tests.tables.torture import faults

ROOM: dict[str, Any] = {"name": "room", "channel": "slack", "token": "xoxb-1-2", "conversation": "#a"}
TO = "endpoint/platform/room"


def attempts(out: list[Output]) -> list[Attempt]:
    """The calls among outputs."""
    return [Attempt.parse(output.raw) for output in out if output.topic.startswith("send.")]


def acknowledge(ledger: Ledger, *groups: str, by: str = "anna") -> list[Output]:
    """Somebody has these groups, one after the other."""
    out: list[Output] = []
    for group in groups:
        words = f"acknowledged by {by}"
        out += ledger.ask(
            f"ack-{group}-{ledger.now}", to=TO, group=group, what="acknowledged", reason=words, title=group
        )
    return out


def test_one_word_for_all() -> None:
    """Within some seconds; each of the others ends with a reason, and the next word is another one."""
    ledger = Ledger(ROOM)
    out = acknowledge(ledger, "t/a", "t/b", "t/c", "u/d")
    assert {change["reason_code"] for change in bodies(out, "change")} == {"gathered", "superseded"}
    (attempt,) = attempts([*out, *ledger.tick(13)])
    told = attempt.notification
    assert (told.what, told.count, told.title) == ("acknowledged", 4, "4 alerts of 4 groups: t/a")
    assert told.reason == "acknowledged by anna (4)"
    assert told.group == f"{ANSWERS}{told.id}"
    ledger.tick(20)
    (alone,) = attempts([*acknowledge(ledger, "t/e"), *ledger.tick(13)])
    assert (alone.notification.group, alone.notification.title) == ("t/e", "t/e")


def test_a_group_with_a_message_of_its_own() -> None:
    """What somebody has is shown there at once, and is no part of the word."""
    ledger = Ledger(ROOM)
    ledger.ask("f", to=TO, group="t/a")
    ledger.report(to=TO, id="f", number=1, reference="C1:1.2")
    acknowledge(ledger, "t/b")
    (own,) = attempts(acknowledge(ledger, "t/a"))
    assert (own.notification.group, own.reference) == ("t/a", "C1:1.2")
    (word,) = attempts(ledger.tick(13))
    assert word.notification.group == "t/b"


def test_a_group_that_is_over_has_none() -> None:
    """Its message says that it is resolved, and is edited no more."""
    ledger = Ledger(ROOM)
    ledger.ask("f", to=TO, group="t/a")
    ledger.report(to=TO, id="f", number=1, reference="over")
    assert attempts(acknowledge(ledger, "t/a", "t/b")) == []
    (word,) = attempts(ledger.tick(13))
    assert word.notification.count == 2


def test_what_fires_again_meanwhile_is_nobodys() -> None:
    """It is told, and the word leaves it out."""
    ledger = Ledger(ROOM)
    acknowledge(ledger, "t/a", "t/b")
    ledger.tick(1)
    (again,) = attempts(ledger.ask("again", to=TO, group="t/a"))
    (word,) = attempts(ledger.tick(13))
    assert (again.notification.what, word.notification.group) == ("firing", "t/b")


PROGRAMS: list[dict[str, Any]] = [
    {"name": "room", "channel": "pagerduty", "routing_key": "R" * 32},
    {"name": "room", "channel": "opsgenie", "service": "jsm", "api_key": "k" * 36},
]


@pytest.mark.parametrize("endpoint", PROGRAMS)
def test_programs_get_each(endpoint: dict[str, Any]) -> None:
    """Each incident there is acknowledged by itself."""
    assert len(attempts(acknowledge(Ledger(endpoint), "t/a", "t/b"))) == 2


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["ack", "fire", "own", "tick", "cancel"]), st.sampled_from("abc"), st.integers(1, 14)
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(moves=MOVES, seed=st.integers(0, 2**32))
def test_any_life_under_torture(moves: list[tuple[str, str, int]], seed: int) -> None:
    """However often the machine dies in between, it says and keeps what an undisturbed one does."""
    ledger = Ledger(ROOM)
    for n, (do, letter, seconds) in enumerate(moves):
        group = f"t/{letter}"
        match do:
            case "ack":
                acknowledge(ledger, group)
            case "fire":
                ledger.ask(f"f{n}", to=TO, group=group)
            case "own":
                ledger.ask(f"f{n}", to=TO, group=group)
                ledger.report(to=TO, id=f"f{n}", number=1, reference=f"C:{n}")
            case "cancel":
                ledger.cancel(group, TO)
            case _:
                ledger.tick(seconds)
    ledger.tick(13)
    assert ledger.now >= START
    assert faults(Deliver, ledger.log, seed) == []
