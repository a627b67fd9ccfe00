"""The outline of a YAML file, before its documents are read: each node is looked at once, whatever aliases do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

DEEP, MOST = 50, 400_000  # levels, and values of one file once every alias is written out


class Flaw(NamedTuple):
    """What is wrong with the outline; `line` from 1. What is `grave` must not be read at all."""

    line: int
    says: str
    grave: bool


def flaws(top: yaml.Node) -> list[Flaw]:
    """All that is wrong below a node, in the order of its lines; after something grave nothing else is looked for."""
    look = _Look()
    look.below(top, 0)
    return sorted(look.flaws)


class _Look:
    """One pass over a graph of nodes; a node that several aliases name is measured at the first of them."""

    def __init__(self) -> None:
        self.flaws: list[Flaw] = []
        self._known: dict[int, tuple[int, int]] = {}  # node → values below it, and levels
        self._above: set[int] = set()

    def below(self, node: Any, depth: int) -> tuple[int, int]:
        """How many values and levels a node has."""
        if id(node) in self._above:
            self._grave(node, "an alias (`*name`) makes this a part of itself: write out what is meant")
            return 1, 1
        if depth > DEEP:
            self._grave(node, DEEPER)
            return 1, 1
        size, height = self._known.get(id(node)) or self._measured(node, depth)
        if depth + height > DEEP:
            self._grave(node, DEEPER)
        return size, height

    def _measured(self, node: Any, depth: int) -> tuple[int, int]:
        self._above.add(id(node))
        inner = [self.below(child, depth + 1) for child in self._inner(node)]
        self._above.discard(id(node))
        size = 1 + sum(values for values, _ in inner)
        height = 1 + max((levels for _, levels in inner), default=0)
        if size > MOST:
            self._grave(node, _MANY)
        self._known[id(node)] = size, height
        return size, height

    def _inner(self, node: Any) -> Iterator[Any]:
        if isinstance(node, yaml.SequenceNode):
            yield from node.value
        elif isinstance(node, yaml.MappingNode):
            names: set[str] = set()
            for key, value in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    self._grave(key, "a field's name is one word")
                    continue
                if key.value in names:
                    self.flaws.append(
                        Flaw(line(key), f"`{key.value:.60}` is written twice here: keep one", False)
                    )
                names.add(key.value)
                yield value

    def _grave(self, node: Any, says: str) -> None:
        if not any(flaw.grave for flaw in self.flaws):
            self.flaws.append(Flaw(line(node), says, True))


DEEPER = f"this is nested more than {DEEP} levels deep: no document is"
_MANY = f"aliases (`*name`) make more than {MOST} values of this: write out what is meant"


def line(node: Any) -> int:
    """Where a node begins, from 1."""
    return int(node.start_mark.line) + 1


def unreadable(why: yaml.YAMLError, text: str) -> tuple[int, str]:
    """The line and the sentence for what is no YAML: where exactly, and what usually helps."""
    if isinstance(why, yaml.reader.ReaderError):
        before = text[: why.position]
        at, sign = before.count("\n") + 1, why.position - before.rfind("\n")
        return at, f"column {sign}: the sign U+{ord(text[why.position]):04X} may not stand in YAML: remove it"
    mark = getattr(why, "problem_mark", None) or getattr(why, "context_mark", None)
    problem = str(getattr(why, "problem", None) or getattr(why, "context", None) or why)
    if mark and problem == DEEPER:
        return mark.line + 1, problem
    hint = next((hint for part, hint in _HINTS if part in problem), "")
    where = f"column {mark.column + 1}: " if mark else ""
    return (mark.line + 1 if mark else 1), f"{where}this is not YAML: {' '.join(problem.split())}{hint}"


_HINTS = (
    ("'\\t'", ": indent with spaces, not with tabs"),
    ("found '<scalar>'", ": put the whole value in quotes"),
    ("cannot start any token", ": put the whole value in quotes"),
    (
        "mapping values are not allowed",
        ": put a value that holds `: ` in quotes, or mind the indentation above",
    ),
    ("could not find expected ':'", ": a field is written `name: value`"),
    ("<block end>", ": this line is not indented as the one that it belongs to"),
    ("found undefined alias", ": put a value that begins with `*` in quotes"),
    ("unknown escape", ": write `\\\\` for a backslash, or use single quotes"),
    ("<stream end>", ": a bracket, brace or quote is not closed"),
    ("end of stream", ": a bracket, brace or quote is not closed"),
)
