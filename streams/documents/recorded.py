"""Rules that record, held against each other: whose values go round in a circle, and which say the same twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from streams.documents.rule import Rule


def recording(rules: Iterable[Rule]) -> list[Rule]:
    """Those of the rules that record, by id."""
    return sorted((rule for rule in rules if rule.condition.record is not None), key=lambda rule: rule.id)


def loop(rule: Rule, rules: Iterable[Rule]) -> list[str]:
    """The names of the rules by which what a rule records comes back to it, itself first and last; [] if it does not.

    Labels and gateways are not looked at: a circle that some of them would break is one.
    """
    others = {step.id: step for step in recording(rules)} | {rule.id: rule}
    ways: list[list[Rule]] = [[rule]]
    met = {rule.id}
    while ways:
        way = ways.pop(0)
        for reader in _readers(way[-1], list(others.values())):
            if reader.id == rule.id:
                return [step.name for step in (*way, rule)]
            if reader.id not in met:
                met.add(reader.id)
                ways.append([*way, reader])
    return []


def _readers(rule: Rule, rules: Sequence[Rule]) -> list[Rule]:
    """Those that read what a rule records, and record something themselves."""
    return [
        reader
        for reader in rules
        if any(input.selector.name == rule.condition.record for input in reader.condition.inputs())
    ]


def looped(rules: Iterable[Rule]) -> frozenset[str]:
    """The ids of rules that record into a circle: none of them records."""
    known = recording(rules)
    return frozenset(rule.id for rule in known if loop(rule, known))


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
