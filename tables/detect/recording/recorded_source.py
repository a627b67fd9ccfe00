"""Which slots record what, and the source as which it is told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from streams.telemetry.reserved_source import RECORDING
from tables.detect.aggregate.compiled_rule import CompiledRule
from tables.detect.instances import instances

# By state block and slot: the rule, and the instance's key.
Recorders = dict[int, dict[int, tuple[CompiledRule, str]]]


def recorded_source(gateway: str, target: str) -> str:
    """The source of what is recorded of a gateway, for a target that is the same one or another."""
    return RECORDING if target == gateway else f"{RECORDING}/{gateway}"


def recorders(
    states: Iterable[tuple[tuple[str, str], int]],
    rules: Mapping[str, CompiledRule],
    looped: Collection[str],
) -> Recorders:
    """By state block and slot, what records. `states`: (rule, key) and number of each; `looped`: rules that may not."""
    recording: Recorders = {}
    for (rule, key), number in states:
        compiled = rules.get(rule)
        if compiled is not None and compiled.rule.condition.record is not None and rule not in looped:
            recording.setdefault(number // instances.SIZE, {})[number % instances.SIZE] = compiled, key
    return recording
