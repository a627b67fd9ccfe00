"""Rows and log belong together, or an operator is asked."""

from __future__ import annotations

import pytest

from agents.partition.log_identity import InputLog, LogIdentity, check
from streams.errors import DamagedState, Rewound


def test_first_start() -> None:
    """Without rows and without a committed offset, the partition is new."""
    assert check("detect-0", None, -1, InputLog("a", 0, 9, None)) == LogIdentity("a")


def test_goes_on() -> None:
    """Rows from this incarnation, and a log that holds what comes next, go on."""
    identity = LogIdentity("a", base=0)
    assert check("detect-0", identity, 8, InputLog("a", 0, 9, 5)) is identity


@pytest.mark.parametrize(
    ("identity", "seen", "log", "says"),
    [
        (None, -1, InputLog("a", 0, 9, 5), "no rows have been recovered"),
        (None, 8, InputLog("a", 0, 9, None), "do not say from which log"),
        (LogIdentity("b"), 8, InputLog("a", 0, 9, 5), "another incarnation"),
        (LogIdentity("a"), 9, InputLog("a", 0, 9, 5), "below 10"),
        (LogIdentity("a", base=1_000, start=1_000), 1_009, InputLog("a", 0, 9, 5), "below 10"),
    ],
)
def test_rewound(identity: LogIdentity | None, seen: int, log: InputLog, says: str) -> None:
    """Anything else is an alarm that names the partition and the operator's way on."""
    with pytest.raises(Rewound, match=says) as found:
        check("detect-0", identity, seen, log)
    assert "python -m agents rebase detect" in str(found.value)


def test_round_trip() -> None:
    """The record reads back, and damage is noticed."""
    identity = LogIdentity("a", 5, 6)
    assert LogIdentity.decode(identity.encode()) == identity
    with pytest.raises(DamagedState):
        LogIdentity.decode(b'{"incarnation"')
