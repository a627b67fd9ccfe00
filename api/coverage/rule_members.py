"""The rules that a composite rule names, found as detect finds them, and which of them are not in force: pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from streams.documents.document import PLATFORM
from streams.documents.rule import Rule

GONE, DISABLED, COMPOSITE = "is not there", "is disabled", "is composite itself"


class RuleMember(NamedTuple):
    """A rule that another one names. `rule`: None where there is none; `why`: why it is not in force, else ""."""

    name: str
    rule: Rule | None
    why: str


class RuleMembers:
    """All rules that may be named, by team and name."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """`rules`: those of the platform among them, since every team may name them."""
        self._rules = {(rule.team, rule.name): rule for rule in rules}

    def of(self, rule: Rule) -> list[RuleMember]:
        """What the rule names, sorted by name; nothing where it looks at something itself."""
        return [self._member(rule.team, name) for name in rule.members()]

    def _member(self, team: str, name: str) -> RuleMember:
        rule = self._rules.get((team, name)) or self._rules.get((PLATFORM, name))
        if rule is None:
            return RuleMember(name, None, GONE)
        if rule.condition.composite is not None:
            return RuleMember(name, rule, COMPOSITE)
        return RuleMember(name, rule, "" if rule.enabled else DISABLED)
