"""Which series a mean is taken over, as one number a group: over others it is another mean, and that is no anomaly."""

from __future__ import annotations

import numpy as np

from tables.detect.aggregate.grouping import Groups
from tables.detect.columns import Array
from tables.detect.context import Context
from tables.detect.instances import instances
from tables.detect.series.slot_index import SlotIndex

_ODD = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


def memberships(context: Context, index: SlotIndex, groups: Groups, at: int) -> dict[int, int]:
    """By the number of a state: what tells the series apart that have come by event ms `at`.

    Only for what learns a mean; the number of a series never changes while it has its slot. A frame whose last part was
    lost is complete with the first of the next one: what has come since has come.
    """
    means = [
        averaged for averaged in groups.members if averaged.kind.whole and averaged.kind.function == "avg"
    ]
    if not means:
        return {}
    told, windows = np.zeros(len(groups.counts), dtype=np.uint64), context.windows(index)
    for member in means:
        view = member.view
        came = windows.newest[view.slots] >= at // view.width
        np.add.at(told, member.groups[came], _scattered(view.slots[came]))
    numbers = told >> np.uint64(1)
    return {
        block * instances.SIZE + slot: number
        for block, of, inner in groups.states
        for slot, number in zip(inner.tolist(), numbers[of].tolist(), strict=True)
        if number
    }


def _scattered(numbers: Array) -> Array:
    """Numbers of which no two small sets are likely to have the same sum."""
    numbered = (numbers.astype(np.uint64) + np.uint64(1)) * _ODD
    return np.asarray((numbered ^ (numbered >> _HALF)) * _ODD)
