"""Values of grouped rules: many series reduced to one number a group, ratios divided."""

from __future__ import annotations

from typing import Any

import numpy as np

from tables.detect.columns import Array
from tables.detect.plan import Group, Member
from tables.detect.window import value

AWAITED = 600_000  # ms; a member of a sum that a model learns, before the others go on without it
_START = {"min": np.inf, "max": -np.inf}


def reduce(group: Group, at: int, block: Any) -> tuple[Array, Array]:
    """One value a group and whether it is known; `block(level, number)` gives a block's value to read.

    A sum over the series of a group (minimum and maximum for those functions, the mean of all samples for
    `avg`); for a ratio, numerator by denominator, a missing numerator being 0; NaN (never a breach) where
    the denominator is too small.
    """
    roles = {role: _role(group, [m for m in group.members if m.role == role], at, block) for role in (0, 1)}
    (top, some), (bottom, enough) = roles[0], roles[1]
    if group.watch.rule.condition.fraction is None:
        return top, some
    least = max(group.watch.rule.condition.at_least, 1e-12)
    return np.where(bottom >= least, top / np.where(bottom >= least, bottom, 1.0), np.nan), enough


def _role(group: Group, members: list[Member], at: int, block: Any) -> tuple[Array, Array]:
    function = members[0].function if members else "sum"
    total = np.full(len(group.states), _START.get(function, 0.0))
    count = np.zeros(len(group.states))
    for member in members:
        amounts, counts = _amounts(group, member, at, block)
        if function in _START:
            reach = np.minimum if function == "min" else np.maximum
            reach.at(total, member.groups[counts > 0], amounts[counts > 0])
        else:
            np.add.at(total, member.groups, amounts)
        np.add.at(count, member.groups, counts)
    if function == "avg":
        total = total / np.where(count > 0, count, 1.0)
    elif function == "count":
        total = count
    elif function == "rate":
        total = total * (1_000.0 / group.watch.rule.condition.window)
    return total, count > 0


def _amounts(group: Group, member: Member, at: int, block: Any) -> tuple[Array, Array]:
    if member.function == "last":
        series = block("3", member.block)
        then = series.at[member.slots]
        values = np.where(then == at, series.value[member.slots], 0.0)
        return _complete(group, values, then, (at, AWAITED)), (then == at).astype(float)
    windows, width = block("4", member.block), group.watch.width
    amounts, counts = windows.read(member.slots, at, width, group.watch.buckets)
    function = member.function if member.function in _START else "sum"
    known, total = value(function, amounts, counts, 1), counts.sum(axis=1)
    if group.watch.learns_steps:
        when = (at // width, AWAITED // width)
        return _complete(group, np.where(total > 0, known, 0.0), windows.newest[member.slots], when), total
    return np.nan_to_num(known, nan=0.0, posinf=np.inf, neginf=-np.inf), total


def _complete(group: Group, values: Array, last: Array, when: tuple[int, int]) -> Array:
    """The values, not a number where a model learns sums and a member that came lately has not come this time.

    A sum without it would look like a fall. `last`: when each came, `when`: now, and how long one is awaited.
    """
    if not group.watch.learns_sums:
        return values
    now, patience = when
    return np.where((last < now) & (last >= now - patience), np.nan, values)
