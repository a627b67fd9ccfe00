"""A rule that records comes, changes or goes: which rules go round in a circle is found anew."""

from __future__ import annotations

from streams.documents.document import Owned
from streams.documents.recorded import looped
from streams.documents.rule import Rule
from tables.detect.context import Context


def edit(context: Context, before: Owned | None, after: Owned | None) -> None:
    """Take an edit of a rule; where another circle opens or closes, all plans are made anew."""
    if not any(isinstance(rule, Rule) and rule.condition.record is not None for rule in (before, after)):
        return
    rules = (compiled.rule for compiled in context.compiled_rules.values())
    if (loops := looped(rules)) != context.looped:
        context.looped = loops
        context.plans.clear()
