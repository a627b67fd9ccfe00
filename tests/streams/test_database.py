"""What is said where the database cannot be opened: what its operator has to change, and nothing else."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from streams.database import remedy


@pytest.mark.parametrize(
    ("asks", "gave", "fix"),
    [
        (True, True, "none was given: set PGPASSWORD"),
        (False, True, "correct the password (PGPASSWORD)"),
        (False, False, "start the database, or correct TOCSIN_DATABASE"),
    ],
)
def test_a_password_is_named_where_it_is_the_cause(asks: bool, gave: bool, fix: str) -> None:
    """A connection that could not be opened is marked: whether a password is wanted, and whether one was sent."""
    failed = Exception("connection failed")
    failed.pgconn = SimpleNamespace(needs_password=asks, used_password=gave)  # type: ignore[attr-defined]
    assert fix in remedy(failed)


def test_a_file_that_cannot_be_opened() -> None:
    """SQLite knows no passwords."""
    assert remedy(Exception("disk I/O error")).startswith("start the database")
