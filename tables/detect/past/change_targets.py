"""Which instances of a gateway are judged by how far their windows have changed, and since when."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from tables.detect.aggregate.compiled_rule import CompiledRule
from tables.detect.columns import Array
from tables.detect.instances import instances


class ChangeTargets(NamedTuple):
    """Those of one block of instances, by slot, sorted. `lengths`: ms back; `relative`: whether as a share.

    `marks`: what they look at, so that nobody is compared with what another instance was, or the rule as it was before;
    `older`: the same as they were once written, where `by` is not in order.
    """

    slots: Array
    lengths: Array
    relative: Array
    marks: Array
    older: Array

    def among(self, slots: Array) -> Array:
        """Which of some slots are targets."""
        held = np.zeros(instances.SIZE, dtype=bool)
        held[self.slots] = True
        return held[slots]

    def only(self, slots: Array) -> ChangeTargets:
        """Those of slots, which all are targets, in their order."""
        return ChangeTargets(*(column[np.searchsorted(self.slots, slots)] for column in self))


def change_targets(
    states: Mapping[tuple[str, str], int], rules: Mapping[str, CompiledRule]
) -> dict[int, ChangeTargets]:
    """By block of instances; `states`: the number of each instance by its rule and key."""
    targets: dict[int, dict[int, tuple[CompiledRule, str]]] = {}
    for (rule, key), number in states.items():
        compiled = rules.get(rule)
        if compiled is not None and compiled.rule.condition.compared_to:
            targets.setdefault(number // instances.SIZE, {})[number % instances.SIZE] = compiled, key
    return {block: _targets(of) for block, of in sorted(targets.items())}


def _targets(of: Mapping[int, tuple[CompiledRule, str]]) -> ChangeTargets:
    slots = sorted(of)
    conditions = [of[slot][0].rule.condition for slot in slots]
    return ChangeTargets(
        np.array(slots, dtype="<i8"),
        np.array([condition.compared_to for condition in conditions], dtype="<i8"),
        np.array([condition.relative for condition in conditions], dtype=bool),
        np.array([_mark(*of[slot], of[slot][0].by) for slot in slots], dtype="<u8"),
        np.array([_mark(*of[slot], of[slot][0].rule.condition.by) for slot in slots], dtype="<u8"),
    )


def _mark(compiled: CompiledRule, key: str, by: list[str] | None) -> int:
    condition = compiled.rule.condition
    about = compiled.read, condition.window, by, condition.at_least, condition.compared_to
    return int.from_bytes(blake2b(repr((compiled.id, about, key)).encode(), digest_size=8).digest(), "little")
