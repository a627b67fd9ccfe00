"""The nearest word, however long what was written is."""

from __future__ import annotations

from streams.text.nearest import LONGEST, nearest


def test_nearest() -> None:
    """The nearest comes first, whole, and what is like nothing has none."""
    assert nearest("severty", ["team", "severity", "several"], 2) == ["severity", "several"]
    assert nearest("zzz", ["severity"]) == []


def test_long_words() -> None:
    """Of megabytes as of names, only the beginning is compared; what is found is told whole."""
    known = "a" * LONGEST + "-and-more"
    assert nearest("a" * 8_000_000, [known, "b" * 8_000_000]) == [known]
