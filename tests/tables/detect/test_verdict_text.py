"""What a person reads of an anomaly: nothing is called unusual because of a band that it lies within."""

from __future__ import annotations

from typing import Any

import pytest

from streams.documents import registry
from streams.documents.rule import Rule
from streams.messages.verdict import AnomalyReading
from tables.anomaly.surprise import Part
from tables.detect.instances.lifecycle import Cause, State
from tables.detect.verdicts import reason_text, verdict_text
from tables.detect.verdicts.verdict_text import Reading

HOUR = 3_600_000


def rule(**body: Any) -> Rule:
    """An anomaly rule."""
    read = registry.read("rule", {"name": "odd", "anomaly": "load", **body})
    assert isinstance(read, Rule)
    return read


def seen(value: float, part: Part, score: float = 0.95, lean: float = 0.0) -> AnomalyReading:
    """A row of which 40 to 60 was usual, and 41 the level just before."""
    trail = ((HOUR, value, 40.0, 60.0, score),)
    about: dict[str, Any] = {"at": HOUR, "value": value, "expected": 50.0, "low": 40.0, "high": 60.0}
    return AnomalyReading(
        **about, score=0.95, part=part.value, since=HOUR, lately=41.0, lean=lean, recent_points=trail
    )


def reading(unusual: AnomalyReading, state: State = State.FIRING, cause: Cause = Cause.HELD) -> Reading:
    """What is known of an instance whose model says so."""
    severity = 1 if state >= State.FIRING else -1
    return Reading(state, cause, severity, unusual.value, HOUR, HOUR, unusual=unusual)


@pytest.mark.parametrize(
    ("unusual", "words"),
    [
        (seen(75, Part.DISTANCE), "75, where 40 to 60 is usual"),
        (seen(56, Part.DISTANCE), "56, within the usual 40 to 60, but it was 41 lately"),
        (seen(56, Part.NEW_VALUE), "56, within the usual 40 to 60, but a value that was never seen"),
        (
            seen(56, Part.NEW_LEVEL),
            "56, within the usual 40 to 60, but its mean over half an hour was never here",
        ),
        (
            seen(44, Part.DRIFT, lean=-0.9),
            "44, within the usual 40 to 60, but it has been leaning low for hours",
        ),
        (
            seen(56, Part.DRIFT, lean=0.9),
            "56, within the usual 40 to 60, but it has been leaning high for hours",
        ),
        (seen(50, Part.DRIFT, score=0.2), "50, within the usual 40 to 60"),
    ],
)
def test_a_message_compares_with_what_objected(unusual: AnomalyReading, words: str) -> None:
    """The band where the value lies outside of it, else what the model said; nothing where the row itself is usual."""
    assert verdict_text.message(rule(), {"gateway": "g"}, reading(unusual)).text == f"odd on g: {words}"


def test_the_reason_says_each_thing_once() -> None:
    """Which part objected stands behind the band, or in its place."""
    outside, inside = (
        reason_text.reason(rule(), reading(one))
        for one in (seen(75, Part.DRIFT, lean=1.0), seen(56, Part.DRIFT, lean=1.0))
    )
    assert outside == (
        "score 0.95, threshold 0.9: 75 where 40 to 60 is usual, since 1970-01-01 01:00 UTC; most unusual: "
        "it has been leaning high for hours"
    )
    assert inside == (
        "score 0.95, threshold 0.9: 56 within the usual 40 to 60, but it has been leaning high for hours, "
        "since 1970-01-01 01:00 UTC"
    )


def test_a_message_of_ones_own_is_honest_too() -> None:
    """`{band}` says that the value lies within."""
    own = rule(message="{value} requests, where {band} is usual")
    words = verdict_text.message(own, {}, reading(seen(56, Part.DISTANCE)))
    assert words.text == "56 requests, where 40 to 60 (it lies within, but it was 41 lately) is usual"


def test_what_is_over_is_no_longer_compared() -> None:
    """Its last row lies where it should."""
    ended = seen(50, Part.DISTANCE, score=0.1)
    assert reason_text.reason(rule(), reading(ended, State.OK, Cause.KEPT)) == (
        "no longer unusual for 3m: 50 within the usual 40 to 60"
    )
    above = seen(75, Part.DISTANCE, score=0.1)
    assert reason_text.reason(rule(direction="down"), reading(above, State.OK, Cause.KEPT)) == (
        "no longer unusual for 3m on the side that the rule minds: 75 where 40 to 60 is usual"
    )
