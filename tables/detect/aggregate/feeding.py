"""Which sources feed a group, and since when all of them have been heard without a gap.

Where one of them is silent its part is missing, though frames of the others are whole: nothing too small is told of the
group until its windows lie behind the silence, nor is it compared. One that is stopped on purpose does not count, nor
one that is silent for so long that its series are forgotten. One that joins does not count either once the others have
been watched for as long as the group's windows: what it adds is new, and nothing of before is missing.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tables.detect.aggregate import watched
from tables.detect.aggregate.evaluation import Evaluation
from tables.detect.aggregate.grouping import Groups, Member
from tables.detect.block_key import SERIES
from tables.detect.columns import NEVER, Array, some
from tables.detect.context import Context
from tables.detect.health.state import Source
from tables.detect.series.series_block import SeriesBlock
from tables.detect.series.slot_index import SIZES, SlotIndex


def since(context: Context, index: SlotIndex, groups: Groups, moment: Evaluation) -> Array:
    """Event ms, by group, since which its windows have been watched; of those groups that must be watched in full."""
    sources = context.gateway(index.gateway).sources
    if len(sources) == 1:
        return watched.since(moment.source, groups.over, groups.counts)
    latest, begun = np.full(len(groups.over), NEVER), np.full(len(groups.over), NEVER)
    for source, fed in sorted(_feeding(context, index, groups, sources), key=lambda pair: pair[0].first):
        joins = (begun != NEVER) & (source.first >= begun + groups.over)
        begun = np.where(fed & ~joins, source.first, begun)
        of = _of(context, source, groups, moment)
        new = joins & (True if len(source.gaps) < 2 else of == source.first)
        latest = np.where(fed & ~new, np.maximum(latest, of), latest)
    return latest


def came(context: Context, index: SlotIndex, moment: Evaluation, member: Member) -> tuple[SeriesBlock, Array]:
    """The block of a member whose last values count, and which are there: in the latest frame of their source."""
    block: SeriesBlock = context.rows[index.key(SERIES, member.view.block)].value
    then: Array = block.at[member.view.slots]
    sources = context.gateway(index.gateway).sources
    there: Array = then == moment.at
    for name, source in sources.items() if len(sources) > 1 else ():
        if source is not moment.source:
            fed = np.zeros(len(block.at), dtype=bool)
            mine = block.origins.fed(name, context.offset)
            fed[: len(mine)] = mine
            there |= fed[member.view.slots] & (then >= source.done)
    return block, there


def lacks(context: Context, index: SlotIndex, groups: Groups, moment: Evaluation) -> Array:
    """Which groups of last values lack what another source sends that has fallen silent."""
    sources = context.gateway(index.gateway).sources
    lost = {name: source for name, source in sources.items() if source.lost and source is not moment.source}
    without = np.zeros(len(groups.over), dtype=bool)
    for _, fed in _feeding(context, index, groups, lost) if lost else ():
        without |= fed
    return np.asarray(without & (groups.over == 0))


def _of(context: Context, source: Source, groups: Groups, moment: Evaluation) -> Array:
    """Since when a source has been heard; by the time of records, whatever its own clock says."""
    if source is not moment.source:
        source = watched.silent(source, context.clock.now - source.begun.at, moment.at)
    of = watched.since(source, groups.over, groups.counts)
    return np.where(groups.counts, moment.at, of) if source.untrusted else of


def _feeding(
    context: Context, index: SlotIndex, groups: Groups, sources: dict[str, Source]
) -> Iterator[tuple[Source, Array]]:
    """Each source that some group has a series of, and which groups these are."""
    members = [inner for inner in groups.members if inner.kind.watched]
    size = SIZES[SERIES]
    blocks = np.unique(np.concatenate([inner.series for inner in members]) // size).tolist()
    for name, source in sources.items():
        owned = np.zeros((max(blocks) + 1) * size, dtype=bool)
        for block in blocks:
            mine = context.rows[index.key(SERIES, block)].value.origins.fed(name, context.offset)
            owned[block * size : block * size + len(mine)] = mine
        if some(owned):
            fed = np.zeros(len(groups.over), dtype=bool)
            for member in members:
                fed[member.groups[owned[member.series]]] = True
            yield source, fed
