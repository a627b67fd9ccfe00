"""The text of a series and the labels in it, in Prometheus exposition form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from sys import intern
from typing import Any, NamedTuple

from streams.errors import Refused

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)')
_ESCAPE = re.compile(r"\\(.)")


class Series(NamedTuple):
    """A metric's name and its labels, sorted by name."""

    name: str
    labels: tuple[tuple[str, str], ...]


@lru_cache(maxsize=16_384)
def parse(text: str) -> Series:
    """`up{job="a"}` → ("up", (("job", "a"),)); Refused where the text is not a series."""
    match = _NAME.match(text)
    if not match:
        raise Refused(f"{text!r:.80} is not a series: it must begin with a metric name")
    rest = text[match.end() :].strip()
    if not rest:
        return Series(match[0], ())
    if not (rest.startswith("{") and rest.endswith("}")):
        raise Refused(f"{text!r:.80} is not a series: labels stand in braces after the name")
    return Series(match[0], tuple(sorted(_labels(rest[1:-1], text))))


def _labels(inner: str, text: str) -> list[tuple[str, str]]:
    labels: list[tuple[str, str]] = []
    at, inner = 0, inner.rstrip()
    while at < len(inner):
        match = _LABEL.match(inner, at)
        if not match:
            raise Refused(
                f'{text!r:.80} is not a series: a label is written name="value", near {inner[at : at + 60]!r:.30}'
            )
        labels.append((intern(match[1]), _ESCAPE.sub(lambda m: "\n" if m[1] == "n" else m[1], match[2])))
        at = match.end()
    return labels


def metric(text: Any) -> str:
    """The name before the labels; outsiders send what they like, which names nothing."""
    return text.partition("{")[0].strip() if isinstance(text, str) else ""


@lru_cache(maxsize=16_384)
def canonical(text: str) -> str:
    """The one text of a series, in whatever order and with whatever blanks its labels came; Refused where it is none.

    A label that is empty is as one that is missing.
    """
    if "{" not in text and _NAME.fullmatch(text):
        return text
    name, labels = parse(text)
    return spell(name, {label: value for label, value in labels if value})


def spell(name: str, labels: Mapping[str, str]) -> str:
    """The canonical text: labels sorted, values escaped; the inverse of `parse`."""
    inner = ",".join(f'{label}="{_escape(value)}"' for label, value in sorted(labels.items()))
    return f"{name}{{{inner}}}" if inner else name


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
