"""Where the read model goes on reading, and when an operator has to decide."""

from __future__ import annotations

import pytest

from sinks.history.resume import resume
from sinks.history.store import Position
from streams.errors import Rewound


@pytest.mark.parametrize(
    ("known", "expected"),
    [(None, 10), (Position(50, "i1"), 50), (Position(5, "i1"), 10), (Position(90, ""), 90)],
)
def test_goes_on(known: Position | None, expected: int) -> None:
    """From the database's offset, else from the beginning of the log, and never below it."""
    assert resume(0, known, 10, 90, "i1") == expected


@pytest.mark.parametrize("known", [Position(91, "i1"), Position(50, "i0")])
def test_another_log(known: Position) -> None:
    """A log that ends below what was read, or another topic of the same name, is never taken for duplicates."""
    with pytest.raises(Rewound, match="--rebase"):
        resume(0, known, 10, 90, "i1")
