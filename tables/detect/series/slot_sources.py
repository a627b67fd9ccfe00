"""Which source feeds each instance of a block, and lately fed it: a replay may meet a block newer than its message.

What feeds an instance decides whether a frame is one of its own; and so whether its model, which lies upstream of the
block, learns from the frame. So each change keeps its offset, as long as a replay may reach back to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from tables.detect.columns import Array, listed

Change = tuple[int, int, int, str]


@dataclass(frozen=True, slots=True)
class SlotSources:
    """`names`: the source of each slot, "" for none; `changes`: (offset, active ms, slot, source before)."""

    names: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    masks: dict[str, Array] = field(default_factory=dict[str, Array], compare=False)  # derived, never stored

    def add(self, slot: int, source: str) -> Self:
        """A new slot has its source."""
        if slot < len(self.names):
            return self
        gap = ("",) * (slot - len(self.names))
        return replace(self, names=(*self.names, *gap, source), masks={})

    def take(self, slots: Iterable[int], source: str, offset: int, active: int) -> Self:
        """From the message of an offset on, a source feeds these slots; or none does."""
        mine = [slot for slot in slots if self.names[slot] != source]
        if not mine:
            return self
        names, changes = list(self.names), list(self.changes)
        for slot in mine:
            changes.append((offset, active, slot, names[slot]))
            names[slot] = source
        return replace(self, names=tuple(names), changes=tuple(changes), masks={})

    def at(self, slot: int, offset: int) -> str:
        """Which source fed a slot when the message of an offset had come; "" for none."""
        name = self.names[slot] if slot < len(self.names) else ""
        for since, _, changed, before in reversed(self.changes):
            if since <= offset:
                break
            name = before if changed == slot else name
        return name

    def before(self, offset: int) -> tuple[str, ...]:
        """Which source fed each slot before the message of an offset."""
        if not self.changes or self.changes[-1][0] < offset:
            return self.names
        names = list(self.names)
        for since, _, slot, before in reversed(self.changes):
            names[slot] = before if since >= offset else names[slot]
        return tuple(names)

    def fed(self, source: str, offset: int) -> Array:
        """Which slots a source fed when the message of an offset had come."""
        if source not in self.masks:
            self.masks[source] = np.array([name == source for name in self.names], dtype=bool)
        mask = self.masks[source]
        if self.changes and self.changes[-1][0] > offset:
            mask = mask.copy()
            for since, _, slot, before in reversed(self.changes):
                mask[slot] = before == source if since > offset else mask[slot]
        return mask

    def settled(self, before: int) -> tuple[Self, int]:
        """Without the changes from before an active instant; and the offset of the last of them, −1 for none.

        A replay that reaches back to it is refused.
        """
        kept = tuple(change for change in self.changes if change[1] >= before)
        if len(kept) == len(self.changes):
            return self, -1
        return replace(self, changes=kept), max(change[0] for change in self.changes if change[1] < before)

    def pack(self) -> dict[str, Any]:
        """As JSON, each source named once."""
        sources = sorted(set(self.names))
        place = {source: n for n, source in enumerate(sources)}
        return {
            "sources": sources,
            "of": [place[name] for name in self.names],
            "fed": [list(change) for change in self.changes],
        }

    @classmethod
    def unpack(cls, meta: dict[str, Any]) -> Self:
        """The inverse of `pack`."""
        sources = [str(source) for source in listed(meta.get("sources", []))]
        changes = (
            (int(offset), int(active), int(slot), str(before))
            for offset, active, slot, before in map(listed, listed(meta.get("fed", [])))
        )
        names = [sources[int(of)] for of in listed(meta.get("of", []))]
        return cls(tuple(names), tuple(changes))
