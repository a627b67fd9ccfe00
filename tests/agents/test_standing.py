"""Rows and log belong together, or an operator is asked."""

from __future__ import annotations

import pytest

from agents.standing import Log, Standing, check
from streams.errors import DamagedState, Rewound


def test_first_start() -> None:
    """Without rows and without a committed offset, the partition is new."""
    assert check("detect-0", None, -1, Log("a", 0, 9, None)) == Standing("a")


def test_goes_on() -> None:
    """Rows from this incarnation, and a log that holds what comes next, go on."""
    standing = Standing("a", base=0)
    assert check("detect-0", standing, 8, Log("a", 0, 9, 5)) is standing


@pytest.mark.parametrize(
    ("standing", "seen", "log", "says"),
    [
        (None, -1, Log("a", 0, 9, 5), "no rows have been recovered"),
        (None, 8, Log("a", 0, 9, None), "do not say from which log"),
        (Standing("b"), 8, Log("a", 0, 9, 5), "another incarnation"),
        (Standing("a"), 9, Log("a", 0, 9, 5), "below 10"),
        (Standing("a", base=1_000, start=1_000), 1_009, Log("a", 0, 9, 5), "below 10"),
    ],
)
def test_rewound(standing: Standing | None, seen: int, log: Log, says: str) -> None:
    """Anything else is an alarm that names the partition and the operator's way on."""
    with pytest.raises(Rewound, match=says) as found:
        check("detect-0", standing, seen, log)
    assert "python -m agents rebase detect" in str(found.value)


def test_round_trip() -> None:
    """The record reads back, and damage is noticed."""
    standing = Standing("a", 5, 6)
    assert Standing.decode(standing.encode()) == standing
    with pytest.raises(DamagedState):
        Standing.decode(b'{"incarnation"')
