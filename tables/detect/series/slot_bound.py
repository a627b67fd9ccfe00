"""Whether a gateway may have more watched series: how many slots were given, and how many are vacant."""

from __future__ import annotations

from msgspec.structs import replace

from tables.detect.block_key import SERIES
from tables.detect.context import Context
from tables.detect.health.state import Mark
from tables.detect.series.slot_history import Standing
from tables.detect.series.slot_index import SlotIndex
from tables.kernel.row import AnyRow as Row


def following(entry: Row, level: str) -> int:
    """The number of a level's next new slot: so many have been given at one time or another."""
    return int(entry.value.next.get(level, 0))


def renew(context: Context, entry: Row, index: SlotIndex) -> None:
    """Series that were refused may have come to their turn; what they count is no news."""
    if entry.value.starved and has_more(context, entry, index):
        index.layouts.clear()
        room = Mark(context.clock.now, context.offset)
        entry.value = replace(entry.value, starved=False, room=room)


def has_more(context: Context, entry: Row, index: SlotIndex) -> bool:
    """Whether the gateway may have one more watched series."""
    vacant = index.vacancies[SERIES].count(context.clock.active)
    return vacant > 0 or following(entry, SERIES) < context.terms.most


def has_for(context: Context, entry: Row, index: SlotIndex, text: str) -> bool:
    """Whether it may have this one."""
    own = index.series.get(text)  # a series that comes back finds its own slot, as long as no other has it
    back = own is not None and own < following(entry, SERIES)
    its = back and index.standing(SERIES, own or 0, context.offset) in (Standing.VACANT, Standing.COMING)
    return its or has_more(context, entry, index)
