"""Level 5, rule states in blocks: where each instance stands, and what was last said of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import numpy as np

from streams.errors import DamagedState
from tables.detect import data_gap
from tables.detect.columns import NEVER, Array, grown, listed, pack, unpack, within
from tables.detect.judge import TRANSITIONS, Cause, Limits, Now, State, severity
from tables.detect.origins import Origins
from tables.detect.tenancy import BLANK, Tenancy

SIZE = 256
_COLUMNS: tuple[tuple[str, str, float], ...] = (
    ("state", "<i1", 0), ("severity", "<i1", -1), ("said", "<i1", -1), ("cause", "<i1", -1), ("blip", "<i1", 0),
    ("missed", "<i4", 0), ("turn", "<i4", 0),
    ("since", "<i8", 0), ("cleared", "<i8", 0), ("due", "<i8", 0), ("at", "<i8", NEVER), ("value", "<f8", np.nan),
)  # fmt: skip
_RANGES = {"state": (0, 3), "severity": (-1, 2), "said": (-1, 2), "cause": (-1, 6), "blip": (0, 1)}
ALL = tuple(name for name, _, _ in _COLUMNS)
OK, PENDING, FIRING, RECOVERING = map(int, State)  # as numpy compares them


class StateBlock:
    """`keys`: [rule, labels text] of each slot; `origins`: which source feeds it; `owners`: slot → team that knows.

    `sweep` and `refresh`: attended ms of the next look for what has left, and of the next word on what fires.
    `again`: why alerts that stand as they stood have to be told once more.

    Columns: `state`, `severity` (−1 none), `said` (the severity last told, −1 ok), `cause` of the last move,
    `blip` (fired while we were away), `missed` frames, `turn` of the last verdict, `since` and `cleared`
    (event ms), `due` (attended ms, 0 none), `at` (event ms) and `value` of the last sample.
    """

    __slots__ = (
        "again", "at", "blip", "cause", "cleared", "due", "keys", "mine", "missed", "origins", "owners", "refresh",
        "said", "severity", "since", "state", "sweep", "tenancy", "turn", "value",
    )  # fmt: skip
    state: Array
    severity: Array
    said: Array
    cause: Array
    blip: Array
    missed: Array
    turn: Array
    since: Array
    cleared: Array
    due: Array
    at: Array
    value: Array

    def __init__(self) -> None:
        """An empty block."""
        self.keys: list[list[str]] = []
        self.origins = Origins()
        self.owners: dict[int, str] = {}
        self.tenancy = BLANK
        self.sweep = self.refresh = 0
        self.again: tuple[str, ...] = ()
        self.mine: set[str] = set()  # the columns that no copy shares
        for name, kind, _ in _COLUMNS:
            setattr(self, name, np.empty(0, dtype=kind))

    def copy(self) -> Self:
        """An independent copy: columns are shared until one of the two writes to them."""
        twin = type(self).__new__(type(self))
        for name in self.__slots__:
            setattr(twin, name, getattr(self, name))
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
            gap = slot - len(self.keys)
            self.keys = [*self.keys, *[["", ""]] * gap, [rule, key]]
            self.origins = self.origins.add(slot, source)
        if slot < len(self.state):
            return  # columns grow by many entries at a time
        self.own(ALL)
        for name, _, fill in _COLUMNS:
            setattr(self, name, grown(getattr(self, name), slot + 1, fill))

    def renew(self, slot: int, rule: str, key: str) -> None:
        """Give a slot that was vacant to an instance, which begins anew; its turns go on."""
        self.keys = [*self.keys[:slot], [rule, key], *self.keys[slot + 1 :]]
        self.own(ALL)
        for name, _, fill in _COLUMNS:
            if name != "turn":
                getattr(self, name)[slot] = fill

    def begin(self, slot: int, turn: int) -> None:
        """No verdict of the slot has a turn that an earlier life of its instance, perhaps in another slot, has had."""
        self.own(("turn",))
        self.turn[slot] = max(int(self.turn[slot]), turn)

    @property
    def sources(self) -> tuple[str, ...]:
        """Which source feeds each slot."""
        return self.origins.names

    def judge(self, slots: Array, values: Array, now: Now, limits: Limits) -> bool:
        """Take new values; whether any slot may have something to say: not where all is well and stays well."""
        newer = now.at > self.at[slots]
        if not newer.all():
            slots, values = slots[newer], values[newer]
        self.own(("at", "value", "missed"))
        unheard = now.at - self.at[slots]
        self.at[slots], self.value[slots], self.missed[slots] = now.at, values, 0
        if not (self.state[slots].any() or (values * limits.sign[slots] > limits.first[slots]).any()):
            return False
        self.own(ALL)
        data_gap.resume(self, slots, unheard, now, limits)
        restless, wanted = self._restless(slots, values, now, limits)
        for slot, level in zip(slots[restless].tolist(), wanted[restless].tolist(), strict=True):
            self._step(slot, level, now, limits)
        return bool(restless.any())

    def shift(self, slots: Array, cause: Cause, away: bool) -> None:
        """Many moves of the table at once, for a cause that only ends things or lets them fire."""
        self.own(ALL)
        state = self.state[slots]
        for before in map(State, np.unique(state).tolist()):
            after, some = TRANSITIONS.get((before, cause), before), slots[state == before]
            if after != before:
                self.state[some], self.cause[some], self.due[some] = after, cause, 0
                if after == State.OK:
                    self.severity[some] = -1
                else:
                    self.blip[some] = away

    def _restless(self, slots: Array, values: Array, now: Now, limits: Limits) -> tuple[Array, Array]:
        state = self.state[slots]
        wanted = severity(values, np.where(state == FIRING, self.severity[slots], -1), limits, slots)
        breach = wanted >= 0
        calm = ~breach & (state == OK)
        calm |= breach & (state == FIRING) & (wanted == self.severity[slots])
        calm |= breach & (state == PENDING) & (now.at - self.since[slots] < limits.hold[slots])
        calm |= ~breach & (state == RECOVERING) & (now.at - self.cleared[slots] < limits.keep[slots])
        self.severity[slots] = np.where(calm & breach, wanted, self.severity[slots])
        return ~calm, wanted

    def _step(self, slot: int, wanted: int, now: Now, limits: Limits) -> None:
        self.move(slot, Cause.BREACH if wanted >= 0 else Cause.CLEAR, now, limits, wanted)
        if self.state[slot] == State.PENDING and now.at - self.since[slot] >= limits.hold[slot]:
            self.move(slot, Cause.HELD, now, limits, wanted)
        if self.state[slot] == State.RECOVERING and now.at - self.cleared[slot] >= limits.keep[slot]:
            self.move(slot, Cause.KEPT, now, limits, -1)

    def move(self, slot: int, cause: Cause, now: Now, limits: Limits, wanted: int) -> None:
        """One step of the table: the new state, its clocks and its severity."""
        self.own(ALL)
        before = State(int(self.state[slot]))
        after = TRANSITIONS.get((before, cause), before)
        if wanted >= 0 or after == State.OK:
            self.severity[slot] = wanted if after != State.OK else -1
        if after == before:
            return
        self.state[slot], self.cause[slot], self.due[slot] = after, cause, 0
        if after == State.PENDING:
            self.since[slot], self.due[slot] = now.at, now.attended + int(limits.hold[slot])
        elif after == State.RECOVERING:
            self.cleared[slot], self.due[slot] = now.at, now.attended + int(limits.keep[slot])
        elif after == State.FIRING:
            self.blip[slot] = now.away
            if before == State.OK:
                self.since[slot] = now.at

    def miss(self, slot: int, now: Now, limits: Limits) -> None:
        """A complete frame came without a value for the slot."""
        self.own(("missed",))
        self.missed[slot] += 1
        patience = int(limits.missed[slot])
        if patience and self.missed[slot] == abs(patience):
            lowest = next((n for n in range(3) if not np.isnan(limits.beyond[slot, n])), 1)
            cause, wanted = (Cause.ABSENT, lowest) if patience > 0 else (Cause.GONE, -1)
            self.move(slot, cause, now, limits, wanted)

    def tell(self, slot: int, owner: str) -> str:
        """The world knows how the slot stands, from its next turn on; another team that knew it firing, or ""."""
        self.own(("said", "blip", "turn", "owners"))
        before = self.owners.pop(slot, "")
        if self.shown(slot) >= 0:
            self.owners[slot] = owner
        self.said[slot], self.blip[slot] = self.shown(slot), 0
        self.turn[slot] += 1
        return before if before != owner else ""

    def shown(self, slot: int) -> int:
        """The severity that the world should know: −1 unless firing or recovering."""
        return int(self.severity[slot]) if self.state[slot] >= FIRING else -1

    def untold(self, slot: int) -> bool:
        """Whether the world knows something else than what holds."""
        return self.shown(slot) != int(self.said[slot]) or bool(self.blip[slot])

    def all_untold(self) -> list[int]:
        """Every slot of which the world knows something else."""
        shown = np.where(self.state >= FIRING, self.severity, -1)
        return [int(slot) for slot in np.flatnonzero((shown != self.said) | (self.blip > 0))]

    def deadline(self) -> int | None:
        """The earliest `due`, sweep or refresh; None where nothing waits."""
        waiting, rounds = self.due[self.due > 0], [at for at in (self.sweep, self.refresh) if at]
        return min([*rounds, int(waiting.min())] if len(waiting) else rounds, default=None)

    def pack(self) -> tuple[Any, bytes]:
        """Keys and sources as JSON (each rule and source named once), columns as bytes."""
        rules = sorted({key[0] for key in self.keys})
        place = {rule: n for n, rule in enumerate(rules)}
        meta = {"rules": rules, "keys": [[place[rule], text] for rule, text in self.keys]}
        meta |= self.origins.pack() | {"owners": sorted(self.owners.items())}
        meta |= {"tenancy": self.tenancy.pack(), "rounds": [self.sweep, self.refresh]}
        meta |= {"again": self.again} if self.again else {}
        return meta, pack([getattr(self, name) for name, _, _ in _COLUMNS])

    @classmethod
    def unpack(cls, meta: Any, raw: bytes) -> Self:
        """The inverse of `pack`."""
        block = cls()
        rules = listed(meta["rules"])
        block.keys = [[str(rules[rule]), str(text)] for rule, text in listed(meta["keys"])]
        block.origins = Origins.unpack(meta)
        block.owners = {int(slot): str(team) for slot, team in map(listed, listed(meta["owners"]))}
        block.tenancy = Tenancy.unpack(meta.get("tenancy"))
        block.sweep, block.refresh = map(int, listed(meta.get("rounds", [0, 0])))
        block.again = tuple(map(str, listed(meta.get("again", []))))
        columns = unpack(raw, len(block.keys), [(kind, 1) for _, kind, _ in _COLUMNS])
        for (name, _, _), column in zip(_COLUMNS, columns, strict=True):
            setattr(block, name, within(column, *_RANGES[name]) if name in _RANGES else column)
        if len(block.sources) != len(block.keys):
            raise DamagedState(f"{len(block.keys)} keys have {len(block.sources)} sources")
        return block
