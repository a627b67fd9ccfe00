"""What senders write steers no terminal and forges no line."""

from __future__ import annotations

from typing import Any

import pytest

from api.cli.printable import printable
from tests.api.conftest import History

EVIL = "a\x1b]0;pwned\x07\x1b[2J\x9b1m\r\nFAKE LINE\u202eegassem\x00\x7f"


@pytest.mark.parametrize(
    ("text", "several", "shown"),
    [
        ("plain ▲ ü 漢字", False, "plain ▲ ü 漢字"),
        ("a\x1b[2J", False, "a\\x1b[2J"),
        ("a\nb\tc", False, "a⏎b c"),
        ("a\nb\tc", True, "a\nb\tc"),
        ("\x9b\u202e", True, "\\x9b\\u202e"),
    ],
)
def test_printable(text: str, several: bool, shown: str) -> None:
    """Control signs are spelled out; lines are kept only where there may be several."""
    assert printable(text, several) == shown


def test_alerts(tocsin: Any, history: History) -> None:
    """A list and an alert show such a message as one line of text."""
    history.alert("evil", message=EVIL, labels={"upstream": EVIL})
    for words in (("list",), ("show", "evil")):
        code, said = tocsin("alerts", *words)
        assert code == 0
        assert not set("\x1b\x07\x9b\r\u202e\x00\x7f") & set(said)
        assert not [line for line in said.splitlines() if line.startswith("FAKE")]
        assert "FAKE LINE" in said
