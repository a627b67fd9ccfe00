"""Which series a mean is taken over, as one number a group: over others it is another mean, and that is no anomaly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tables.detect.columns import Array
from tables.detect.index import Index
from tables.detect.window import SIZE

if TYPE_CHECKING:
    from tables.detect.machine import Detect

_ODD = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


def memberships(machine: Detect, index: Index, block: int, at: int) -> dict[int, int]:
    """By slot of a state block: a number that tells the series apart that came at event ms `at`.

    Only for what learns a mean; the number of a series never changes while it has its slot.
    """
    groups = machine.plan(index).groups
    means = [one for one in groups.members if one.kind.whole and one.kind.function == "avg"] if groups else []
    if groups is None or not means:
        return {}
    told = np.zeros(len(groups.counts), dtype=np.uint64)
    for member in means:
        view, windows = member.view, machine.rows[index.key(member.level, member.view.block)].value
        came = windows.newest[view.slots] == at // view.width
        np.add.at(told, member.groups[came], _scattered(view.block * SIZE + view.slots[came]))
    numbers = (told >> np.uint64(1)).tolist()
    places = [(of.tolist(), inner.tolist()) for number, of, inner in groups.states if number == block]
    return {slot: numbers[n] for some, slots in places for n, slot in zip(some, slots, strict=True)}


def _scattered(numbers: Array) -> Array:
    """Numbers of which no two small sets are likely to have the same sum."""
    one = (numbers.astype(np.uint64) + np.uint64(1)) * _ODD
    return np.asarray((one ^ (one >> _HALF)) * _ODD)
