"""Matchers: `team="payments"`, `status=~"5.."`, `!=`, `!~`; what a rule or route selects by.

Patterns are anchored as a whole and run in linear time (RE2); a missing label equals an empty one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import re2  # pyright: ignore[reportMissingTypeStubs] it has none

from streams.errors import Refused

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_MATCHER = re.compile(
    r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^",{}\s=~!][^",{}\s]*))\s*(?:,|$)'
)
_ESCAPE = re.compile(r'\\(["\\n])')  # what else stands behind a backslash belongs to the pattern: `\d`, `\.`


class Matcher(NamedTuple):
    """One condition on one label."""

    label: str
    sign: str
    value: str
    pattern: Any

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether the label's value, empty where it is missing, fits."""
        have = labels.get(self.label, "")
        hit = have == self.value if self.pattern is None else self.pattern.fullmatch(have) is not None
        return hit is not self.sign.startswith("!")

    @property
    def text(self) -> str:
        """The condition as it is written: `status!="5.."`."""
        return f'{self.label}{self.sign}"{self.value}"'


class Selector(NamedTuple):
    """A metric name and matchers that must all hold."""

    name: str
    matchers: tuple[Matcher, ...]

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether every matcher holds; the name is compared by whoever indexes by it."""
        return all(matcher.matches(labels) for matcher in self.matchers)


def selector(text: str) -> Selector:
    """`http_requests_total{status=~"5.."}`; Refused says what could not be read."""
    text = text.strip()
    name = _NAME.match(text)
    braces = text[name.end() :].lstrip() if name else ""
    if not name or (braces and not (braces.startswith("{") and braces.endswith("}"))):
        raise Refused(f'{text!r:.80} does not name a metric: write name or name{{label="value"}}')
    return Selector(name[0], matchers(braces[1:-1]))


def matchers(text: str) -> tuple[Matcher, ...]:
    """`severity=critical, team=~"a|b"`; quotes may be left out around plain words."""
    parsed: list[Matcher] = []
    at, text = 0, text.rstrip()
    while at < len(text):
        match = _MATCHER.match(text, at)
        if not match:
            raise Refused(
                f'matcher near {text[at : at + 60]!r:.40} cannot be read: write label="value", with =, !=, =~ or !~'
            )
        value = (
            match[4] if match[3] is None else _ESCAPE.sub(lambda m: "\n" if m[1] == "n" else m[1], match[3])
        )
        parsed.append(Matcher(match[1], match[2], value, compiled(value) if "~" in match[2] else None))
        at = match.end()
    return tuple(parsed)


def compiled(pattern: str) -> Any:
    """A pattern of RE2, to be matched as a whole; Refused says what it does not know."""
    engine: Any = re2
    options = engine.Options()
    options.log_errors = False
    try:
        return engine.compile(pattern, options)
    except engine.error as why:
        problem = why.args[0].decode(errors="replace")
        hint = "patterns have no backreferences and no look-around (RE2)"
        raise Refused(f"pattern {pattern!r:.60} cannot be compiled: {problem}; {hint}") from None
