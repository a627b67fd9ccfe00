"""A field of a form beside an editor: what it is called, what stands in it, what can be chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

Body = dict[str, Any]
Given = Mapping[str, str]  # what a form sends: names and texts; what is empty is missing
Choices = tuple[tuple[str, str], ...]


class FormField(NamedTuple):
    """One field. `choices`: none, and it takes any text; `lines`: it takes several lines."""

    name: str
    label: str
    value: str = ""
    hint: str = ""
    choices: Choices = ()
    lines: bool = False


def choices(words: Iterable[str], nothing: str = "") -> Choices:
    """Words to choose from; with `nothing` also none of them, called so."""
    return ((("", nothing),) if nothing else ()) + tuple((word, word) for word in words)


def text_of(value: Any) -> str:
    """A value of a body in a field of one line; a list with commas."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None or isinstance(value, dict) else str(value)


def plain(body: Body, name: str, hint: str = "") -> FormField:
    """A field of a body that is one line, called as it is named."""
    return FormField(name, name.replace("_", " ").capitalize(), text_of(body.get(name)), hint)


def put(body: Body, name: str, value: Any) -> None:
    """Say a field, or leave it out where nothing stands in it."""
    if value in (None, "", [], {}):
        body.pop(name, None)
    else:
        body[name] = value


def several(text: str) -> list[str]:
    """Words with commas between them."""
    return [word.strip() for word in text.split(",") if word.strip()]


def in_order(body: Body, first: Iterable[str]) -> Body:
    """The same fields, some of them in this order before the others."""
    known = [name for name in first if name in body]
    return {name: body[name] for name in (*known, *(name for name in body if name not in known))}
