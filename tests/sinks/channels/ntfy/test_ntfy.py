"""ntfy's own: bytes of a message, priorities, the link."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.channels.ntfy.payload import LARGEST, publication
from sinks.channels.text import cut_bytes

LINK = "https://tocsin.example.com/a/x.y"


@pytest.mark.parametrize(("size", "whole"), [(LARGEST, True), (LARGEST + 1, False)])
def test_limit(size: int, whole: bool) -> None:
    """So many bytes stay as they are; one more is cut with a mark."""
    text = cut_bytes("x" * size, LARGEST)
    assert (text == "x" * size, text.endswith("…")) == (whole, not whole)


@given(st.text(min_size=1, max_size=300), st.integers(8, 400))
def test_no_character_is_split(text: str, most: int) -> None:
    """Whatever it holds, what is left is text within the bound."""
    assert len(cut_bytes(text, most).encode()) <= most


@pytest.mark.parametrize(
    ("what", "severity", "priority"),
    [
        ("firing", "critical", 5),
        ("firing", "warning", 3),
        ("resolved", "critical", 3),
        ("resolved", "info", 2),
    ],
)
def test_priority(attempt: Any, what: str, severity: str, priority: int) -> None:
    """Critical is as loud as can be; what is over wakes nobody."""
    assert publication(attempt(what=what, severity=severity), "t")["priority"] == priority


def test_link(attempt: Any) -> None:
    """Who may acknowledge gets a button that opens the page; without a link there is none."""
    (action,) = publication(attempt(), "t", LINK)["actions"]
    assert (action["action"], action["url"]) == ("view", LINK)
    assert "actions" not in publication(attempt(), "t")
