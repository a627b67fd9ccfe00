"""Text of senders as a terminal may be given it: signs that would steer it are spelled out."""

from __future__ import annotations

import unicodedata

TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # the direction of what follows


def printable(text: str, several: bool = False) -> str:
    """The text on one line, or on its `several` lines, with each control sign spelled: it forges and hides nothing."""
    kept = "\n\t" if several else ""
    return "".join(_spelled(sign) if _steers(sign) and sign not in kept else sign for sign in text)


def _steers(sign: str) -> bool:
    return unicodedata.category(sign) == "Cc" or sign in TURNING


def _spelled(sign: str) -> str:
    if sign in "\n\t":
        return "⏎" if sign == "\n" else " "
    return f"\\x{ord(sign):02x}" if ord(sign) < 256 else f"\\u{ord(sign):04x}"
