"""Values of grouped rules: many series reduced to one number a group, ratios divided; for all rules at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from streams.limit import NOISE
from tables.detect.aggregate.distribution import HISTOGRAM, of_buckets
from tables.detect.aggregate.grouping import Groups, Member
from tables.detect.anomaly.anomaly_target import AWAITED
from tables.detect.columns import NEVER, Array
from tables.detect.series.digits import balanced
from tables.detect.series.series_block import SeriesBlock
from tables.detect.windows.window_bank import WindowBank

FRESH = 2**62  # event ms after all others
Came = Callable[[Member], tuple[SeriesBlock, Array]]
_REACH = {"min": np.minimum, "max": np.maximum}


def reduce(
    groups: Groups, members: Iterable[Member], at: int, windows: WindowBank, came: Came
) -> tuple[Array, Array, Array]:
    """One value a group, whether it is known, and its denominator, where it has one.

    `came(member)` gives which of the series that a member reads the last values of are there, and these.

    A sum over the series of a group (minimum and maximum for those functions, the mean of all samples for
    `avg`); for a ratio, numerator by denominator, a missing numerator being 0; NaN (never a breach) where
    the denominator is too small. `members`: those whose groups are wanted.
    """
    total, count = groups.start.copy(), np.zeros(len(groups.start))
    signed: list[tuple[Array, Array]] = []
    buckets: list[tuple[Array, Array, Array]] = []
    for member in members:
        amounts, counts = _amounts(member, at, windows, came)
        if member.kind.function.startswith(HISTOGRAM):
            buckets.append((member.groups, member.bounds, amounts))
        np.add.at(count, member.places, counts)
        if reach := _REACH.get(member.kind.function):
            reach.at(total, member.places[counts > 0], amounts[counts > 0])
        else:
            np.add.at(total, member.places, amounts)
            signed.append((member.places, amounts))
    total = np.where(groups.number, count, _balanced(total, signed)) * groups.scale
    total = np.where(groups.average, total / np.where(count > 0, count, 1.0), total)
    (top, bottom), (known, enough) = np.split(total, 2), np.split(count > 0, 2)
    alone = np.isnan(groups.least)
    large = bottom >= np.where(alone, np.inf, groups.least * (1.0 - NOISE))
    ratio = np.where(large, top / np.where(large, bottom, 1.0), np.nan)
    values = np.where(alone, top, ratio)
    if buckets:
        _quantiles(groups, buckets, values)
    return values, np.where(alone, known, enough), bottom


def _balanced(total: Array, signed: list[tuple[Array, Array]]) -> Array:
    """Sums, those among them freed from rounding to which something below nought was added. `signed`: what was."""
    if not any(np.count_nonzero(amounts < 0) for _, amounts in signed):
        return total
    magnitude, below = np.zeros(len(total)), np.zeros(len(total), dtype=bool)
    for places, amounts in signed:
        np.add.at(magnitude, places, np.abs(amounts))
        below[places[amounts < 0]] = True
    return np.where(below, balanced(total, magnitude), total)


def _quantiles(groups: Groups, buckets: list[tuple[Array, Array, Array]], values: Array) -> None:
    """The values of groups that are histograms become what they say of their share."""
    of, bounds, amounts = (np.concatenate(column) for column in zip(*buckets, strict=True))
    numbers, of = np.unique(of, return_inverse=True)
    values[numbers] = of_buckets(groups.quantile[numbers], of, bounds, amounts)


def begun(groups: Groups, members: Iterable[Member], windows: WindowBank) -> Array:
    """Event ms, by group, since which one of its series has been there, and no window of it lacks something."""
    first, torn = np.full(len(groups.counts), FRESH), np.full(len(groups.counts), NEVER)
    for member in members:
        if not member.windowed:
            first[member.groups] = NEVER
        elif member.kind.watched:
            heard = windows.newest[member.view.slots] != NEVER
            slots, of = member.view.slots[heard], member.groups[heard]
            np.minimum.at(first, of, windows.since[slots])
            np.maximum.at(torn, of, windows.torn(slots))
    return np.asarray(np.maximum(first, torn))


def _amounts(member: Member, at: int, windows: WindowBank, came: Came) -> tuple[Array, Array]:
    view = member.view
    if not member.windowed:
        block, there = came(member)
        then = block.at[view.slots]
        there = then == at if member.kind.whole else there
        values = np.where(there, block.value[view.slots], 0.0)
        return _complete(member, values, then, (at, AWAITED)), there.astype(float)
    amounts, counts = windows.read(view, at)
    if member.kind.whole:
        when = (at // view.width, AWAITED // view.width)
        return _complete(member, amounts, windows.newest[view.slots], when), counts
    return np.where(np.isnan(amounts), 0.0, amounts), counts


def _complete(member: Member, values: Array, last: Array, when: tuple[int | Array, int | Array]) -> Array:
    """The values, not a number where a model learns the group and a member that came lately has not come this time.

    Without it there would seem to be a fall, or a rise. `last`: when each came, `when`: now, and how long one is
    awaited.
    """
    if not member.kind.whole:
        return values
    now, patience = when
    return np.where((last < now) & (last >= now - patience), np.nan, values)
