"""The receiver's wish when to be called again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.http.retry_after import LONGEST, wish

NOW = 1_764_000_000_000  # Mon, 24 Nov 2025 16:00:00 GMT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, None),
        ("", None),
        ("0", 0),
        (" 120 ", 120_000),
        ("99999999999999999999", LONGEST),
        ("-5", None),
        ("1.5", None),
        ("Mon, 24 Nov 2025 16:00:30 GMT", 30_000),
        ("Mon, 24 Nov 2025 15:00:00 GMT", 0),
        ("Tue, 25 Nov 2025 16:00:00 GMT", LONGEST),
        ("Monday, 24-Nov-25 16:00:30 GMT", 30_000),  # RFC 850
        ("Mon Nov 24 16:00:30 2025", 30_000),  # asctime
        ("Mon Nov  3 16:00:30 2025", 0),
        ("Mon, 24 Nov 2025 16:00:60 GMT", 59_000),  # a leap second
        ("mon, 24 nov 2025 16:00:30 gmt", 30_000),
        ("Mon, 24 Nov 2025 16:00:61 GMT", None),
        ("Mon, 99 Nov 2025 16:00:30 GMT", None),
        ("²", None),
    ],
)
def test_wish(text: str | None, expected: int | None) -> None:
    """Seconds and HTTP dates are honoured, up to an hour; what cannot be read is no wish."""
    assert wish(text, NOW) == expected


@given(st.text())
def test_any_text(text: str) -> None:
    """No header breaks us."""
    found = wish(text, NOW)

    assert found is None or 0 <= found <= LONGEST
