"""A composite rule made ready: its rules by name, where all of them are in force."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from streams.documents.document import PLATFORM
from streams.documents.rule import Rule
from tables.detect.events.watch import EventWatch

Find = Callable[[str, str], Rule | None]


class CompositeWatch(NamedTuple):
    """One enabled composite rule. `members`: the rules that it names, by name; None where one is not in force.

    `named`: their names.
    """

    watch: EventWatch
    named: frozenset[str]
    members: dict[str, Rule] | None

    def names(self, name: str) -> bool:
        """Whether the rule names a rule so."""
        return name in self.named

    @property
    def ids(self) -> frozenset[str]:
        """The ids of its rules."""
        return frozenset(rule.id for rule in (self.members or {}).values())


def composite_watch(rule: Rule, find: Find) -> CompositeWatch:
    """A composite rule and what it names; `find`: a rule by team and name, where there is one.

    A rule of the own team comes before one of the platform's; one that is off, or composite itself, is not in force.
    """
    known = {name: find(rule.team, name) or find(PLATFORM, name) for name in rule.members()}
    members = {
        name: member
        for name, member in known.items()
        if member is not None and member.enabled and member.condition.composite is None
    }
    return CompositeWatch(EventWatch(rule), frozenset(known), members if len(members) == len(known) else None)
