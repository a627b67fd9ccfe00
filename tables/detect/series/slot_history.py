"""Which slots of a block are vacant, and since when: what lets a slot be given back and given again.

A name stays in its slot after it has left, until another takes it. A replay may meet a block that is newer than
the message in hand; so each coming and going keeps its offset, and what was so at an older offset can still be
told. That holds as far back as a slot rests before another name gets it, which is longer than any replay reaches.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Any, NamedTuple, Self, cast

from streams.telemetry.gateway_lists import LISTED, LISTS
from tables.detect.columns import listed


class Terms(NamedTuple):
    """On what terms a gateway's series get slots; spans are active ms.

    `gateways`: how many a partition knows; `most`: watched series of a gateway, those whose slots rest included;
    `unheard`: after this a series leaves; `rest`: how long its slot waits for it before another may have it; `sweep`:
    how often a block looks; `late`: by how much a value may be older than its record; `departed`: how long a counter
    that has left is remembered.

    `lists`: of series that are remembered of a gateway, one for each part of each source; `listed`: how long one is
    that is told no more.
    """

    gateways: int = 2_000
    most: int = 50_000
    unheard: int = 86_400_000
    rest: int = 21_600_000
    sweep: int = 21_600_000
    late: int = 600_000
    departed: int = 30 * 86_400_000
    lists: int = LISTS
    listed: int = LISTED

    @property
    def forgotten(self) -> int:
        """After so long without a word a gateway is forgotten, if nothing of it is left."""
        return self.unheard + self.rest


class Standing(Enum):
    """How a slot stood when the message in hand came."""

    HELD = auto()  # its name lives there
    VACANT = auto()  # its name has left, and may come back
    COMING = auto()  # on a replay: the message in hand gives it to its name
    AHEAD = auto()  # on a replay: a later message gives it to its name


@dataclass(frozen=True, slots=True)
class SlotHistory:
    """`left`: slot → its leaving; `came`: slot → its being given again lately, and the leaving before.

    Each is an offset and an instant, active ms. `lost`: no replay from this offset or before can be told from here,
    since what left or came there is remembered no more.
    """

    left: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])
    came: dict[int, tuple[int, int, int, int]] = field(default_factory=dict[int, tuple[int, int, int, int]])
    lost: int = -1

    def standing(self, slot: int, offset: int) -> Standing:
        """How a slot stood before the message of an offset."""
        if slot in self.left and self.left[slot][0] < offset:
            return Standing.VACANT
        given, _, gone, _ = self.came.get(slot, (-1, 0, -1, 0))
        if given < offset or offset <= gone:
            return Standing.HELD
        return Standing.COMING if given == offset else Standing.AHEAD

    def vacancies(self, offset: int) -> Iterable[tuple[int, int]]:
        """(slot, since when, active ms) of all that were or will be vacant, seen from the message of an offset."""
        yield from ((slot, since) for slot, (_, since) in self.left.items())
        yield from ((slot, since) for slot, (given, _, _, since) in self.came.items() if given >= offset)

    def leave(self, slots: Iterable[int], offset: int, active: int) -> Self:
        """These names leave, but for those that have come back lately: one leaving of each slot is remembered."""
        going = {slot: (offset, active) for slot in slots if slot not in self.left and slot not in self.came}
        return replace(self, left=self.left | going)

    def come(self, slot: int, offset: int, active: int, other: bool) -> Self:
        """The slot is given: to the name that it had, or to another one."""
        if slot not in self.left:
            return self
        gone, since = self.left[slot]
        left = {n: when for n, when in self.left.items() if n != slot}
        lost = max(self.lost, gone) if other else self.lost
        return replace(self, left=left, came=self.came | {slot: (offset, active, gone, since)}, lost=lost)

    def settled(self, before: int) -> Self:
        """Without what was given again before an active instant: a replay that reaches back to it is refused."""
        old = [slot for slot, when in self.came.items() if when[1] < before]
        if not old:
            return self
        given = max(self.came[slot][0] for slot in old)
        came = {slot: when for slot, when in self.came.items() if slot not in old}
        return replace(self, came=came, lost=max(self.lost, given))

    def beyond(self, offset: int) -> Self:
        """Where no replay from this offset or before can be told for another reason."""
        return self if offset <= self.lost else replace(self, lost=offset)

    def pack(self) -> Any:
        """As JSON: numbers only."""
        left = [[slot, *when] for slot, when in sorted(self.left.items())]
        return [left, [[slot, *when] for slot, when in sorted(self.came.items())], self.lost]

    @classmethod
    def unpack(cls, meta: Any) -> Self:
        """The inverse of `pack`; a block of before there were vacancies has none."""
        left, came, lost = listed(meta) if meta else ((), (), -1)
        if not (left or came):
            return replace(cast(Self, BLANK), lost=int(lost)) if lost >= 0 else cast(Self, BLANK)
        gone = {int(slot): (int(offset), int(at)) for slot, offset, at in map(listed, listed(left))}
        given = {
            int(slot): (int(offset), int(at), int(before), int(since))
            for slot, offset, at, before, since in map(listed, listed(came))
        }
        return cls(gone, given, int(lost))


BLANK = SlotHistory()  # of most blocks: one for all, as none is ever changed in place
