"""Text as a message carries it: without control characters, on one line where it must be, cut with a visible mark."""

from __future__ import annotations

import unicodedata

MARK = "…"
_JOINERS = frozenset("\u200d\ufe0e\ufe0f")  # what binds the character after it, or before it, to a cluster


def clean(text: str) -> str:
    """`text` without control and surrogate characters and without what turns the direction of reading; lines stay."""
    kept = (letter for letter in text.replace("\r\n", "\n").replace("\r", "\n") if _shown(letter))
    return "".join(kept)


def _shown(letter: str) -> bool:
    if letter in "\n\t":
        return True
    if unicodedata.category(letter) in ("Cc", "Cs"):
        return False
    return not ("\u202a" <= letter <= "\u202e" or "\u2066" <= letter <= "\u2069")


def line(text: str) -> str:
    """`text` on one line: every run of white space is one space."""
    return " ".join(clean(text).split())


def cut(text: str, most: int) -> str:
    """`text` in at most `most` characters; what is cut ends with a mark, and no cluster of characters is split."""
    if len(text) <= most:
        return text
    end = max(0, most - len(MARK))
    while end and (unicodedata.combining(text[end]) or text[end] in _JOINERS or text[end - 1] == "\u200d"):
        end -= 1
    return (text[:end].rstrip() + MARK)[:most]


def cut_bytes(text: str, most: int) -> str:
    """`text` in at most so many bytes of UTF-8, with a mark where it was cut, and no character split."""
    size = len(text.encode())
    while size > most:
        over = size - most + len(MARK.encode())
        text = cut(text, max(1, len(text) - max(1, over // 4)))
        size = len(text.encode())
    return text
