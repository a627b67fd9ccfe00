"""What a silence, a maintenance window or an inhibition covers: matchers on labels of alerts, never all by accident."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from streams.documents.conditions.threshold import SEVERITIES
from streams.errors import Refused
from streams.matcher import Matcher, matchers

EVERYTHING = "everything"
OF_EVERY_ALERT = frozenset({"team", "rule", "gateway"})  # with its severity
ANYBODY = "☃ a name that nobody has"
_ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


@lru_cache(4_096)
def compiled(text: str) -> tuple[Matcher, ...]:
    """The matchers of a text that has been checked; none for what covers everything."""
    return () if text.strip() == EVERYTHING else matchers(text)


def covers(text: str, labels: Mapping[str, str]) -> bool:
    """Whether all matchers of a text hold for an alert's labels, its severity, rule, team and gateway among them."""
    return unmet(text, labels) is None


def unmet(text: str, labels: Mapping[str, str]) -> Matcher | None:
    """The first matcher of a text that does not hold for an alert's labels; None: it covers the alert."""
    return next((matcher for matcher in compiled(text) if not matcher.matches(labels)), None)


def checked(text: str, whole: bool) -> str:
    """The text, with at least one matcher that asks for something; Refused says what to write instead.

    `whole`: whether everything may be covered, where that is spelled out.
    """
    if whole and text.strip() == EVERYTHING:
        return text.strip()
    or_all = f", or {EVERYTHING}" if whole else ""
    asked = matchers(text)
    if not asked:
        raise Refused(f"is empty: write what it covers, for instance gateway=prod-eu{or_all}")
    if all(matcher.matches({}) for matcher in asked):
        raise Refused(
            f"{text!r:.60} asks for no label, so it covers whatever it does not name: add one that has to be "
            f"there, for instance gateway=prod-eu{or_all}"
        )
    return text


def everything(text: str) -> bool:
    """Whether it covers every alert that there can be: whatever it asks for, each alert has."""
    return all(_always(matcher) for matcher in compiled(text))


def _always(matcher: Matcher) -> bool:
    """Whether a matcher holds for every alert: each has a severity, a team, a rule and a gateway, and maybe no more."""
    if matcher.label == "severity":
        return all(matcher.matches({"severity": severity}) for severity in SEVERITIES)
    named = matcher.matches({matcher.label: ANYBODY})
    return named and (matcher.label in OF_EVERY_ALERT or matcher.matches({}))


def exactly(labels: Mapping[str, str]) -> str:
    """The matchers that these labels, and no others, fit; empty ones are left out."""
    quoted = (f'{name}="{value.translate(_ESCAPED)}"' for name, value in sorted(labels.items()) if value)
    return ", ".join(quoted)


def disjoint(pattern: str, other: str) -> bool:
    """Whether no alert can fit both texts: one asks for a value that the other rules out."""
    pairs = ((first, second) for first in compiled(pattern) for second in compiled(other))
    return any(_apart(first, second) or _apart(second, first) for first, second in pairs)


def _apart(first: Matcher, second: Matcher) -> bool:
    exact = first.sign == "=" and first.label == second.label
    return exact and not second.matches({first.label: first.value})
