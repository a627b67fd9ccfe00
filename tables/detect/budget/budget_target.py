"""Which instances have an error budget, and the names by which what is kept of them is known."""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

from tables.detect.aggregate.compiled_rule import CompiledRule


class BudgetTarget(NamedTuple):
    """An instance of an objective. `marks`: what it looks at, and the same as it was once written."""

    compiled: CompiledRule
    marks: tuple[str, str]


def budget_target(compiled: CompiledRule, key: str) -> BudgetTarget:
    """An instance by its rule and key."""
    condition = compiled.rule.condition
    ordered, written = (
        blake2b(
            repr((compiled.id, compiled.read, by, condition.counts, key)).encode(), digest_size=8
        ).hexdigest()
        for by in (compiled.by, condition.by)
    )
    return BudgetTarget(compiled, (ordered, written))
