"""What a verdict says of a value holds: it is held against the thresholds before a word is made of it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.documents import registry
from streams.documents.rule import Rule
from tables.detect.instances import comparison
from tables.detect.instances.lifecycle import Cause, State
from tables.detect.verdicts import reason_text, verdict_text
from tables.detect.verdicts.verdict_text import Reading

NOW = 3_600_000
SAID = re.compile(
    r"(-?[0-9.]+(?:e[+-]?[0-9]+)?)(%?)(?: ([MGT]))? is (above|below) (-?[0-9.]+)(%?)(?!.*\(at )"
)
NO_LONGER = re.compile(r"(-?[0-9.e+-]+) .*no longer (above|below) (-?[0-9.]+)")
STEPS = {"info": "20", "warning": "50", "critical": "90"}


def rule(**body: Any) -> Rule:
    """A rule about one value."""
    of: dict[str, Any] = {} if "unreachable" in body or "ratio" in body else {"last": "m"}
    read = registry.read("rule", {"name": "load", **of, **body})
    assert isinstance(read, Rule)
    return read


def reading(value: float | None, severity: int = 2, **other: Any) -> Reading:
    """An instance of which a value is told half a minute after it came."""
    known = {
        "state": State.FIRING if severity >= 0 else State.OK,
        "cause": Cause.HELD,
        "at": NOW - 30_000,
        "now": NOW,
    }
    return Reading(**{**known, "severity": severity, "value": value, **other})


def text(of: Rule, known: Reading) -> str:
    """The message."""
    return verdict_text.message(of, {"gateway": "g"}, known).text


def holds(words: str) -> bool:
    """Whether what a sentence compares is so."""
    over = NO_LONGER.search(words.rpartition("; ")[2].removeprefix("load on g: "))
    if over and (
        Decimal(over[1]) > Decimal(over[3]) if over[2] == "above" else Decimal(over[1]) < Decimal(over[3])
    ):
        return False
    found = SAID.search(words)
    if found is None:
        return True
    value = Decimal(found[1]) * {None: 1, "M": 10**6, "G": 10**9, "T": 10**12}[found[3]]
    limit = Decimal(found[5])
    return found[2] == found[6] and (value > limit if found[4] == "above" else value < limit)


@given(
    st.one_of(st.floats(-200, 200), st.sampled_from([20.0, 50.0, 90.0, 45.0, 50.0001, 89.9999])),
    st.integers(-1, 2),
    st.sampled_from(["above", "below"]),
    st.sampled_from([None, "10", "100"]),
    st.sampled_from(["", "{value} is {side} {threshold}"]),
    st.sampled_from(list(State)),
    st.sampled_from([Cause.HELD, Cause.EASED, Cause.BREACH, Cause.CLEAR]),
)
def test_no_sentence_is_false(
    value: float, severity: int, side: str, recover: str | None, own: str, state: State, cause: Cause
) -> None:
    """However an instance stands and whatever its value is, "above" and "below" are true of what stands beside them."""
    steps = STEPS if side == "above" else dict(zip(STEPS, reversed(STEPS.values()), strict=True))
    margin = {"recover": recover} if recover and (recover == "10") == (side == "above") else {}
    of = rule(**{side: steps}, **margin, message=own.replace("{side}", side))
    beyond = 120.04 if side == "above" else 3.04
    known = reading(value, severity, state=state, cause=cause, beyond=beyond, beyond_at=NOW - 900_000)
    assert holds(text(of, known)), text(of, known)


@pytest.mark.parametrize(
    ("body", "known", "words"),
    [
        ({"above": STEPS}, reading(95.0), "load on g: 95 is above 90"),
        ({"above": STEPS}, reading(60.0), "load on g: 60 is above 50, no longer above 90"),
        ({"above": STEPS}, reading(95.0, 1), "load on g: 95 is above 50"),
        ({"above": STEPS}, reading(20.0), "load on g: 20 is no longer above 20"),
        (
            {"above": STEPS, "recover": "15"},
            reading(16.0),
            "load on g: 16 is no longer above 20, not yet back at 15",
        ),
        ({"below": "1"}, reading(1.0), "load on g: 1 is no longer below 1"),
        ({"below": "1"}, reading(1.0, -1), "load on g: is over, last value 1"),
        ({"above": "5"}, reading(None, absent=True), "load on g: no value comes any more"),
        (
            {"ratio": "a / b", "over": "1m", "above": "5%", "at_least": "20 calls"},
            reading(None),
            "load on g: too few calls to judge: fewer than 20 in 1m",
        ),
        ({"unreachable": "gateway"}, reading(0.0), "g cannot be reached"),
        ({"unreachable": "gateway"}, reading(1.0), "g can be reached again, but not yet for 2m"),
        ({"unreachable": "gateway"}, reading(1.0, -1), "g is over"),
    ],
)
def test_what_is_said_of_a_value(body: dict[str, Any], known: Reading, words: str) -> None:
    """Beside the worst threshold that it lies beyond, else beside the one that it lies beyond no longer."""
    assert text(rule(**body), known) == words


@pytest.mark.parametrize(
    ("known", "words", "dated"),
    [
        (reading(95.0), "95 of 90", True),
        (reading(60.0), "60 of 50", True),
        (
            reading(10.0, beyond=95.0, beyond_at=0),
            "95 of 90 (at 00:00 UTC; 10 at 00:59 UTC, no longer above 20)",
            False,
        ),
        (reading(10.0, -1, beyond=95.0, beyond_at=0), "95 of 90 (at 00:00 UTC; over, last value 10)", False),
        (reading(None, absent=True, beyond=95.0), "95 of 90 (at 00:00 UTC; no value comes any more)", False),
        (reading(None, absent=True), "no value of 90", False),
        (reading(10.0), "10 of 90", True),
    ],
)
def test_a_message_of_ones_own_tells_of_the_breach(known: Reading, words: str, dated: bool) -> None:
    """What no longer holds is told with its time, and with what holds now; else the value is of an instant."""
    own = rule(above=STEPS, message="{value} of {threshold}")
    message = verdict_text.message(own, {}, known)
    assert (message.text, message.valued_at) == (words, known.at if dated else None)


@pytest.mark.parametrize(
    ("body", "known", "words"),
    [
        ({}, reading(95.0), "past its threshold for 2m"),
        ({}, reading(95.0, passed=NOW - 45_500), "past its threshold for 45s"),
        ({}, reading(95.0, passed=0), "past its threshold for 2m"),
        ({}, reading(95.0, cause=Cause.BREACH), "past its threshold again"),
        ({}, reading(60.0, 1, cause=Cause.EASED), "no longer past a worse threshold for 2m"),
        ({}, reading(10.0, state=State.RECOVERING), "no longer past its threshold, but not yet for 2m"),
        ({}, reading(10.0, -1, cause=Cause.KEPT), "no longer past its threshold for 2m"),
        (
            {"recover": "15"},
            reading(16.0),
            "it was past its threshold, and is not back past its recovery threshold yet",
        ),
        ({"recover": "15"}, reading(10.0, -1, cause=Cause.KEPT), "back past its recovery threshold for 2m"),
        (
            {},
            reading(None, cause=Cause.ABSENT, missed=3, absent=True),
            "no value in 3 frames although its source is alive, and the rule says to alert",
        ),
    ],
)
def test_a_reason_is_true(body: dict[str, Any], known: Reading, words: str) -> None:
    """It says how long only where it has been so long, and nothing of a threshold that is not passed."""
    assert reason_text.reason(rule(above=STEPS, **body), known) == words


def test_values_read_alike_where_no_digit_tells() -> None:
    """Nobody is told of a change that nobody could see."""
    of = rule(above="90")
    assert comparison.reads_alike(of, 95.04, 95.01)
    assert not comparison.reads_alike(of, 90.04, 90.01)


def test_a_share_is_shown_as_its_threshold_was_written() -> None:
    """A gauge against per cent is in per cent; a ratio against a plain number is plain."""
    assert text(rule(above="5.8%"), reading(0.0581)) == "load on g: 5.81% is above 5.8%"
    ratio = {"ratio": "a / b", "over": "1m"}
    assert text(rule(above="0.05", **ratio), reading(0.25)) == "load on g: 0.25 is above 0.05 over 1m"
    assert text(rule(above=0.05, **ratio), reading(0.25)) == "load on g: 25% is above 5% over 1m"
