"""What is said without Kafka, in words that a tired person reads at night."""

from __future__ import annotations

import pytest

from sinks.canary.flights import Flights
from sinks.canary.word import back, lost


@pytest.mark.parametrize(
    ("missing", "hindrance", "says"),
    [
        (4, "", "Tocsin may not tell you of alerts: no canary has arrived for 2m4s"),
        (1, "", "Tocsin may not tell you of alerts: 1 of 4 canaries has not arrived for 2m4s"),
        (
            2,
            "it does not answer",
            "2 of 4 canaries have not arrived for 2m4s; Kafka takes none: it does not answer",
        ),
    ],
)
def test_how_many_and_for_how_long(missing: int, hindrance: str, says: str) -> None:
    """And what Kafka said, where it takes none."""
    assert lost(missing, 4, 124.2, hindrance).endswith(says)
    assert back(3_600.0) == "Tocsin tells you of alerts again: all canaries arrive, after 1h"


def test_those_that_fly_next_are_counted_with_the_first_that_is_missed() -> None:
    """Where nothing arrives any more, that is what is said, and not that one of them is late."""
    flights = Flights(["a", "b", "c"], 120.0)
    for number, name in enumerate("abc"):
        flights.depart(name, name, 10.0 * number)
        flights.arrive(name)
    assert flights.missing(121.0) == ["a"]
    assert flights.overdue(121.0) == ["a", "b", "c"]
