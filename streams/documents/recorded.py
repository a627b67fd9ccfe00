"""Rules that record, held against each other: whose values go round in a circle, and which say the same twice."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence

from streams.documents.rule import Rule


def recording(rules: Iterable[Rule]) -> list[Rule]:
    """Those of the rules that record, by id."""
    return sorted((rule for rule in rules if rule.condition.record is not None), key=lambda rule: rule.id)


def loop(rule: Rule, rules: Iterable[Rule]) -> list[str]:
    """The names of the rules by which what a rule records comes back to it, itself first and last; [] if it does not.

    Labels and gateways are not looked at: a circle that some of them would break is one.
    """
    others = {step.id: step for step in recording(rules)} | {rule.id: rule}
    return _way_back(rule, _readers(others.values()))


def _way_back(rule: Rule, readers: Mapping[str, Sequence[Rule]]) -> list[str]:
    """As `loop`; `readers`: by the name of a series. The shortest way, by looking at each rule once."""
    before: dict[str, Rule] = {}
    waiting = deque([rule])
    while waiting:
        step = waiting.popleft()
        for reader in readers.get(str(step.condition.record), ()):
            if reader.id == rule.id:
                way = [rule.name]
                while step.id != rule.id:
                    way, step = [step.name, *way], before[step.id]
                return [rule.name, *way]
            if reader.id not in before:
                before[reader.id] = step
                waiting.append(reader)
    return []


def _readers(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    """By the name of a series those that read it, and record something themselves."""
    readers: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        for name in {input.selector.name for input in rule.condition.inputs()}:
            readers[name].append(rule)
    return readers


def looped(rules: Iterable[Rule]) -> frozenset[str]:
    """The ids of rules that record into a circle: none of them records."""
    known = recording(rules)
    readers = _readers(known)
    return frozenset(rule.id for rule in known if _way_back(rule, readers))


def flaws(rule: Rule, rules: Iterable[Rule]) -> list[tuple[str, str]]:
    """Why a rule may not record, with the field: it reads its own series in the end, or another one records them."""
    if rule.condition.record is None:
        return []
    known = [recorder for recorder in recording(rules) if recorder.id != rule.id]
    if way := loop(rule, known):
        return [
            ("record", f"goes round in a circle ({' → '.join(way)}): let one of them read something else")
        ]
    twin = next((recorder for recorder in known if _place(recorder) == _place(rule)), None)
    if twin is not None:
        return [("record", f"rule {twin.name} records {rule.condition.record} too: take another name")]
    return []


def _place(rule: Rule) -> tuple[str | None, str]:
    return rule.condition.record, rule.condition.record_to
