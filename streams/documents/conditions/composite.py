"""What a rule may say of other rules: an expression of their names, true, false or not known by how they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, NamedTuple

from pydantic import Field

from streams.documents.document import TEAM, Part

LONGEST = 1_000  # characters of an expression
MEMBERS = 20
DEPTH = 10
_WORD = re.compile(r"\(|\)|[^\s()]+")
AND, OR, NOT = "and", "or", "not"


class Term(NamedTuple):
    """A piece of an expression: `name` of a rule; or `and`, `or`, `not` of its parts."""

    word: str
    parts: tuple[Term, ...] = ()
    name: str = ""

    def value(self, states: Mapping[str, bool | None]) -> bool | None:
        """Whether it holds where rules fire, do not, or nobody knows; None where that is not known."""
        if self.name:
            return states.get(self.name)
        known = [part.value(states) for part in self.parts]
        if self.word == NOT:
            return None if known[0] is None else not known[0]
        ends = self.word == OR  # one such part decides, whatever the others are
        if ends in known:
            return ends
        return None if None in known else not ends

    def names(self) -> frozenset[str]:
        """The rules that it names."""
        own = frozenset({self.name} if self.name else ())
        return own.union(*(part.names() for part in self.parts))


class CompositeFields(Part):
    """The field by which a rule judges how other rules stand."""

    composite: Annotated[str, Field(max_length=LONGEST)] | None = None

    def expression(self) -> Term:
        """The expression; ValueError says how one is written."""
        return parse(self.composite or "")

    def check_composite(self) -> None:
        """Whether the expression can be read; ValueError says what is wrong with it."""
        term = self.expression()
        if len(term.names()) > MEMBERS:
            raise ValueError(f"`composite` names {len(term.names())} rules, at most {MEMBERS} may be")
        if term.value(dict.fromkeys(term.names(), False)) is True:
            raise ValueError(
                f"`composite`: {self.composite!r:.60} holds while no rule fires: join `not` to a rule with `and`"
            )


def parse(text: str) -> Term:
    """`a and (b or not c)` → its terms; `and` binds closer than `or`. ValueError says how one is written."""
    words = _WORD.findall(text)
    term, rest = _any(words, 0)
    if rest:
        raise ValueError(_wrong(f"{rest[0]!r:.60} is one too many"))
    return term


def _any(words: list[str], depth: int) -> tuple[Term, list[str]]:
    term, rest = _all(words, depth)
    parts = [term]
    while rest[:1] == [OR]:
        term, rest = _all(rest[1:], depth)
        parts.append(term)
    return (parts[0] if len(parts) == 1 else Term(OR, tuple(parts))), rest


def _all(words: list[str], depth: int) -> tuple[Term, list[str]]:
    term, rest = _one(words, depth)
    parts = [term]
    while rest[:1] == [AND]:
        term, rest = _one(rest[1:], depth)
        parts.append(term)
    return (parts[0] if len(parts) == 1 else Term(AND, tuple(parts))), rest


def _one(words: list[str], depth: int) -> tuple[Term, list[str]]:
    if depth > DEPTH:
        raise ValueError(_wrong(f"it is nested deeper than {DEPTH}"))
    if not words:
        raise ValueError(_wrong("a rule is missing at its end"))
    word, rest = words[0], words[1:]
    if word == NOT:
        term, rest = _one(rest, depth + 1)
        return Term(NOT, (term,)), rest
    if word == "(":
        term, rest = _any(rest, depth + 1)
        if rest[:1] != [")"]:
            raise ValueError(_wrong("a bracket is not closed"))
        return term, rest[1:]
    if word in (AND, OR, ")") or not TEAM.fullmatch(word):
        raise ValueError(_wrong(f"{word!r:.60} is no name of a rule"))
    return Term("", name=word), rest


def _wrong(what: str) -> str:
    return f"`composite`: {what}; write for instance `errors and (slow or not backup)`, with names of rules"
