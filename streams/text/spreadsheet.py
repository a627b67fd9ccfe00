"""Texts that can be opened in any spreadsheet without being taken for formulas, and back."""

from __future__ import annotations

FORMULA = frozenset("=+-@|%＝＋－＠")  # what a spreadsheet may take for the beginning of one
_SKIPPED = " \t\r\n\ufeff\u00a0"  # what some programs skip in front of one


def harmless(text: str) -> str:
    """The text, with an apostrophe in front where it could be a formula; NUL characters are left out."""
    text = text.replace("\0", "")
    risky = text[:1] in ("\t", "\r", "\n", "'") or text.lstrip(_SKIPPED)[:1] in FORMULA
    return f"'{text}" if risky and text else text


def plain(text: str) -> str:
    """The text that `harmless` was given."""
    return text.removeprefix("'")
