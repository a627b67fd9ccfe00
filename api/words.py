"""A parameter that takes several words, separated by commas."""

from __future__ import annotations

from collections.abc import Sequence

from streams.errors import Refused


def words(text: str, known: Sequence[str], field: str) -> list[str]:
    """The words of a parameter, each once; Refused names the first that is not known, and what is."""
    given = list(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    if wrong := [word for word in given if word not in known]:
        raise Refused(f"`{field}`: {wrong[0]!r:.60} is none of {', '.join(known)}")
    return given
