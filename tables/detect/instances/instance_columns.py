"""How a block of instances is kept: its columns, copied before they are written to, and its bytes."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from sys import intern
from typing import Any, Self

from streams.errors import DamagedState
from tables.detect.columns import Array, listed, room
from tables.detect.instances import instance_codec
from tables.detect.instances.instance_codec import COLUMNS
from tables.detect.instances.instance_keys import InstanceKeys
from tables.detect.series.slot_history import BLANK, SlotHistory
from tables.detect.series.slot_sources import SlotSources

ALL = tuple(column.name for column in COLUMNS)


class InstanceColumns:
    """`keys`: rule and labels text of each slot; `origins`: which source feeds it; `owners`: slot → team that knows.

    `sweep`, `refresh`, `values`: active ms of the next look for what has left, of the next word on all that fires,
    and on what has another value than was told. `again`: why alerts that stand as they stood are told once more.
    `unwatched`: slots whose windows have not been watched in full, of rules where somebody asks.

    Columns: `state`, `severity` (−1 none), `told_severity` (the one last told, −1 ok), `cause` of the last move,
    `blip` (fired while we were away), `retell` (to be told once more), `missed` frames, `turn` of the last verdict,
    `since` (event ms of the breach), `due` (active ms, 0 none), `at` (event ms) and `value` of the last sample,
    `beyond_at` and `beyond_value` of the last one beyond a threshold, `first_value`, with which the breach began,
    `told_value`, the one last told; by severity, the clocks `breached` and `cleared` (see
    `tables.detect.instances.severity_clocks`).
    """

    __slots__ = (
        "again", "at", "beyond_at", "beyond_value", "blip", "breached", "cause", "cleared", "due", "first_value",
        "history", "keys", "mine", "missed", "origins", "owners", "refresh", "retell", "severity", "since", "state",
        "sweep", "told_severity", "told_value", "turn", "unwatched", "value", "values",
    )  # fmt: skip
    state: Array
    severity: Array
    told_severity: Array
    cause: Array
    blip: Array
    retell: Array
    missed: Array
    turn: Array
    since: Array
    due: Array
    at: Array
    value: Array
    told_value: Array
    beyond_at: Array
    beyond_value: Array
    first_value: Array
    breached: Array
    cleared: Array

    def __init__(self) -> None:
        """An empty block."""
        self.keys = InstanceKeys()
        self.origins = SlotSources()
        self.owners: dict[int, str] = {}
        self.history = BLANK
        self.sweep = self.refresh = self.values = 0
        self.again: tuple[str, ...] = ()
        self.unwatched: frozenset[int] = frozenset()
        self.mine: set[str] = set()  # the columns that no copy shares
        for column in COLUMNS:
            setattr(self, column.name, column.blank(0))

    def copy(self) -> Self:
        """An independent copy: columns are shared until one of the two writes to them."""
        twin = type(self).__new__(type(self))
        for name, value in zip(InstanceColumns.__slots__, _values(self), strict=True):
            setattr(twin, name, value)
        twin.mine, self.mine = set(), set()
        return twin

    def own(self, names: Iterable[str]) -> None:
        """Make columns independent before they are written to."""
        for name in names:
            if name not in self.mine:
                setattr(self, name, getattr(self, name).copy())
                self.mine.add(name)

    def add(self, slot: int, rule: str, key: str, source: str) -> None:
        """Give a new instance its slot."""
        if slot >= len(self.keys):
            self.keys = self.keys.put(slot, rule, key)
            self.origins = self.origins.add(slot, source)
        if slot < len(self.state):
            return  # columns grow by many entries at a time
        for column in COLUMNS:
            before = getattr(self, column.name)
            if column.rare and before is column.blank(len(before)):
                setattr(self, column.name, column.blank(room(slot + 1)))
            else:
                setattr(self, column.name, column.grow(before, slot + 1))
                self.mine.add(column.name)

    def renew(self, slot: int, rule: str, key: str) -> None:
        """Give a slot that was vacant to an instance, which begins anew; its turns go on."""
        self.keys = self.keys.put(slot, rule, key)
        self.unwatched -= {slot}
        self.own(ALL)
        for column in COLUMNS:
            if column.name != "turn":
                getattr(self, column.name)[slot] = column.fill

    def begin(self, slot: int, turn: int) -> None:
        """No verdict of the slot has a turn that an earlier life of its instance, perhaps in another slot, has had."""
        self.own(("turn",))
        self.turn[slot] = max(int(self.turn[slot]), turn)

    def watch(self, slots: Array, whole: Array) -> bool:
        """Note which windows of slots have been watched in full; whether others have than before."""
        if not self.unwatched and whole.all():
            return False
        before = self.unwatched
        lacking = frozenset(slots[~whole].tolist())
        self.unwatched = (before - frozenset(slots.tolist())) | lacking
        return self.unwatched != before

    @property
    def sources(self) -> tuple[str, ...]:
        """Which source feeds each slot."""
        return self.origins.names

    def pack(self) -> tuple[Any, bytes]:
        """Keys and sources as JSON (each rule and source named once), columns as bytes."""
        rules = sorted(set(self.keys.rules))
        place = {rule: n for n, rule in enumerate(rules)}
        meta = {"rules": rules, "keys": [[place[rule], text] for rule, text in self.keys]}
        meta |= self.origins.pack() | {"owners": sorted(self.owners.items())}
        meta |= {
            "history": self.history.pack(),
            "rounds": [self.sweep, self.refresh, self.values],
        }
        meta |= {"again": self.again} if self.again else {}
        meta |= {"unwatched": sorted(self.unwatched)} if self.unwatched else {}
        self._rest()
        return meta, instance_codec.write({name: getattr(self, name) for name in ALL})

    def _rest(self) -> None:
        """What only instances need that are not well takes no memory where there are none."""
        if not len(instance_codec.stirred({name: getattr(self, name) for name in instance_codec.STATES})):
            for column in COLUMNS:
                if column.rare:
                    setattr(self, column.name, column.blank(len(self.state)))
                    self.mine.discard(column.name)

    @classmethod
    def unpack(cls, meta: Any, raw: bytes) -> Self:
        """The inverse of `pack`."""
        block = cls()
        rules: list[str] = [intern(str(rule)) for rule in listed(meta["rules"])]
        pairs = map(listed, listed(meta["keys"]))
        keys = ((rules[int(rule)], intern(str(text))) for rule, text in pairs)
        block.keys = InstanceKeys.of(keys)
        block.origins = SlotSources.unpack(meta)
        block.owners = {int(slot): str(team) for slot, team in map(listed, listed(meta["owners"]))}
        block.history = SlotHistory.unpack(meta.get("history"))
        block.sweep, block.refresh, block.values = (*map(int, listed(meta.get("rounds", []))), 0, 0, 0)[:3]
        block.again = tuple(map(str, listed(meta.get("again", []))))
        block.unwatched = frozenset(map(int, listed(meta.get("unwatched", []))))
        for name, column in instance_codec.read(raw, len(block.keys)).items():
            setattr(block, name, column)
        if len(block.sources) != len(block.keys):
            raise DamagedState(f"{len(block.keys)} keys have {len(block.sources)} sources")
        return block


_values = attrgetter(*InstanceColumns.__slots__)  # at once: each frame copies each block
