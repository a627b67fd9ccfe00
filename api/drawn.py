"""Pages of the manual that are drawn from the code, so that they cannot differ from it: states, topics, settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from enum import StrEnum
from typing import Any

from streams.duration import milliseconds, spell
from streams.settings import Settings
from streams.topics import TOPICS, Topic
from tables.deliver import ledger
from tables.detect import judge
from tables.respond import lifecycle

NOTE = "<!-- Drawn by `make docs`; change the code instead. -->\n\n"
Transitions = Mapping[tuple[Any, Any], Any]
MACHINES: dict[str, tuple[str, Transitions]] = {
    "An instance of a rule": ("tables/detect/judge.py", judge.TRANSITIONS),
    "An alert": ("tables/respond/lifecycle.py", lifecycle.TRANSITIONS),
    "A notification": ("tables/deliver/ledger.py", ledger.TRANSITIONS),
}


def pages() -> dict[str, str]:
    """Every drawn page by its file's name."""
    return {"states.md": states(), "topics.md": topics(), "settings.md": settings()}


def states() -> str:
    """One diagram a machine, each arrow a line of its transition table."""
    parts = [
        f"## {title}\n\nCode: `{file}`.\n\n{diagram(moves)}" for title, (file, moves) in MACHINES.items()
    ]
    intro = "What is not drawn does not happen: these are the transition tables themselves.\n\n"
    return f"# States\n\n{NOTE}{intro}" + "\n".join(parts)


def diagram(moves: Transitions) -> str:
    """A Mermaid state diagram of one transition table."""
    lines = [
        f"    {_word(before)} --> {_word(after)}: {_word(cause)}" for (before, cause), after in moves.items()
    ]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```", ""])


def _word(value: Any) -> str:
    word = value.value if isinstance(value, StrEnum) else getattr(value, "name", value)
    return str(word).lower().replace("-", "_").replace(" ", "_")


def topics() -> str:
    """One line a topic."""
    rows = ((f"`{one.name}`", one.key, _partitions(one), _kept(one), _stamp(one)) for one in TOPICS)
    head = ("topic", "key", "partitions", "kept", "time of a record")
    return f"# Topics\n\n{NOTE}Made by `python -m deploy topics` before anything reads them.\n\n" + table(
        head, rows
    )


def _partitions(one: Topic) -> str:
    return "1" if one.partitions == "one" else "`TOCSIN_PARTITIONS`"


def _kept(one: Topic) -> str:
    return spell(one.keep) if one.keep else "the newest of each key"


def _stamp(one: Topic) -> str:
    return "the broker's" if one.broker_time else "the sender's"


def settings() -> str:
    """One line a setting, as docs/configure.md holds them too."""
    rows = ((f"`{one.metadata['name']}`", _default(one), _says(one)) for one in fields(Settings))
    return f"# Settings\n\n{NOTE}" + table(("name", "default", "what it is"), rows)


def _default(one: Any) -> str:
    value = spell(one.default) if one.metadata["parse"] is milliseconds else one.default
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text}`" if text else ""


def _says(one: Any) -> str:
    return str(one.metadata["says"]) + (" *(secret)*" if one.metadata["secret"] else "")


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    names = list(head)
    lines = [names, ["---"] * len(names), *(list(row) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
