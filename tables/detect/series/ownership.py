"""Which source a series belongs to: the one that sent it first, as long as it sends it.

Two producers of one series would look like one counter that leaps between two numbers. So what another source says of
it is not taken, and an alert says so. It takes over where the owner is lost or has been stopped, or no longer sends the
series; then what it shows first is a level, and no growth. So does an instance, which belongs to one of those that send
its series.
"""

from __future__ import annotations

from tables.detect.block_key import INSTANCE, SERIES
from tables.detect.context import Context
from tables.detect.health import gateway
from tables.detect.series.slot_index import SIZES, SlotIndex
from tables.kernel.row import AnyRow as Row


def owner(context: Context, index: SlotIndex, number: int) -> str:
    """Whose a series is."""
    row = context.rows[index.key(SERIES, number // SIZES[SERIES])]
    name: str = row.value.origins.at(number % SIZES[SERIES], context.offset)
    return name


def takes(context: Context, entry: Row, index: SlotIndex, source: str, number: int) -> bool:
    """Whether a series is the source's, or becomes so now."""
    key, slot = index.key(SERIES, number // SIZES[SERIES]), number % SIZES[SERIES]
    block = context.rows[key].value
    owner: str = block.origins.at(slot, context.offset)
    if owner == source or context.newer(key):
        return owner == source
    if owner and not _is_gone(context, entry, source, owner, int(block.at[slot])):
        return False
    if (row := context.open(key)) is not None:
        origins = row.value.origins.take((slot,), source, context.offset, context.clock.active)
        row.value.origins = origins
        if owner:
            row.value.forget(slot)
            index.taken.add(number)  # its instances follow it
    index.move()  # also the owner's, in case it sends the series again
    return True


def settle(context: Context, index: SlotIndex) -> None:
    """Find the instances that nobody feeds who sends one of their series: the next that does so has them.

    As it was before the message in hand, so that a restart finds the same.
    """
    if not index.moved:
        return
    index.moved, given = False, context.gateway(index.gateway).next
    fed: dict[int, list[int]] = {}
    for use in index.uses:
        # on a replay newer blocks hold what has still to be given
        if use.series < given.get(SERIES, 0) and use.state < given.get(INSTANCE, 0):
            fed.setdefault(use.state, []).append(use.series)
    sends, feeds = (_sources(context, index, level) for level in (SERIES, INSTANCE))
    index.unclaimed = {
        state for state, some in fed.items() if feeds.get(state) not in {sends.get(number) for number in some}
    }
    index.orphans = {number for state in index.unclaimed for number in fed[state]}
    if index.unclaimed:
        index.layouts.clear()  # where one of their series is in a batch, it is placed anew


def _sources(context: Context, index: SlotIndex, level: str) -> dict[int, str]:
    """By number of a slot, whose it was before the message in hand."""
    owners: dict[int, str] = {}
    for block, row in index.blocks(level):
        before, first = row.value.origins.before(context.offset), block * SIZES[level]
        owners.update(zip(range(first, first + len(before)), before, strict=True))
    return owners


def _is_gone(context: Context, entry: Row, source: str, owner: str, at: int) -> bool:
    """Whether an owner, which sent the series at event ms `at` last, does not send it any more."""
    sources = entry.value.sources
    of = sources.get(owner)
    if of is None or of.lost:
        return True
    return (
        gateway.looks(sources[source]) and context.clock.now - at > gateway.patience(of) + context.terms.late
    )
