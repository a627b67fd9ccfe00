"""The nearest of the words that are known, for a word that is not; whatever it is, the search is short."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

LONGEST = 60  # characters of a word that count: difflib takes the product of both lengths, and a word may be megabytes


def nearest(word: str, known: Iterable[str], most: int = 1, cutoff: float = 0.5) -> list[str]:
    """The `most` known words that are most like `word`, the nearest first; `cutoff`: how like, from 0 to 1."""
    names = {name[:LONGEST]: name for name in known}
    return [names[near] for near in get_close_matches(word[:LONGEST], names, most, cutoff)]
