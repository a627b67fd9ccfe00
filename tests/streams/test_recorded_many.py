"""Circles among very many rules that record are found by looking at each rule once for each."""

from __future__ import annotations

from streams.documents.recorded import loop, looped
from streams.documents.registry import read
from streams.documents.rule import Rule


def chained(count: int, closed: bool) -> list[Rule]:
    """Rules of which each records what the next one reads; closed: the last one what the first one reads."""
    rules = []
    for number in range(count):
        name = f"s:{(number + 1) % count}" if closed else f"s:{number + 1}"
        rule = read("rule", {"name": f"r{number}", "last": f"s:{number}", "above": 1, "record": name})
        assert isinstance(rule, Rule)
        rules.append(rule)
    return rules


def test_a_long_chain() -> None:
    """Open, nothing goes round; closed, all of it does, and the way is told in its order."""
    assert looped(chained(300, closed=False)) == frozenset()
    closed = chained(300, closed=True)
    assert looped(closed) == {rule.id for rule in closed}
    assert loop(closed[7], closed)[:3] == ["r7", "r8", "r9"]
    assert (len(loop(closed[7], closed)), loop(closed[7], closed)[-1]) == (301, "r7")
