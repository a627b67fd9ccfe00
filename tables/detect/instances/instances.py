"""Level `instance`, in blocks: where each stands, and what was last told of it."""

from __future__ import annotations

import numpy as np

from tables.detect.columns import NEVER, Array, some
from tables.detect.instances.instance_columns import ALL, InstanceColumns
from tables.detect.instances.lifecycle import TRANSITIONS, Cause, Limits, Now, State
from tables.detect.instances.severity_clocks import FAR, Clocks

SIZE = 256
OK, PENDING, FIRING, RECOVERING = map(int, State)  # as numpy compares them
_RANKS = np.arange(3)


class StateBlock(InstanceColumns):
    """The instances of one block, and what values and time make of them."""

    __slots__ = ()

    def judge(self, slots: Array, values: Array, now: Now, limits: Limits) -> bool:
        """Take new values; whether any slot may have something to say: not where all is well and stays well."""
        newer = now.at > self.at[slots]
        if np.count_nonzero(newer) < len(newer):
            slots, values = slots[newer], values[newer]
        self.own(("at", "value", "missed"))
        unheard = now.at - self.at[slots]
        self.at[slots], self.value[slots], self.missed[slots] = now.at, values, 0
        signed, state = values * limits.sign[slots], self.state[slots]
        beyond = signed > limits.first[slots]
        if limits.bands is not None:
            banded = limits.bands.beyond(slots, values)
            beyond = beyond | banded.any(axis=1) if some(banded) else beyond
        if not (some(state) or some(beyond)):
            return False
        self.own(ALL)
        stirs = beyond | (state != OK)
        slots, unheard, signed = slots[stirs], unheard[stirs], signed[stirs]
        self.resume(slots, unheard, now, limits)
        return self._weigh(slots, signed, now, limits)

    def resume(self, slots: Array, unheard: Array, now: Now, limits: Limits) -> None:
        """Slots are heard again after so long, event ms: what waits goes on waiting for as long as it had to before."""
        late = (unheard > now.bridged) & (self.state[slots] != State.OK)
        if not late.any():
            return
        self.own(("breached", "cleared", "since", "due"))
        waiting, gap = slots[late], unheard[late]
        for clocks in (self.breached, self.cleared):
            clocks[waiting] = np.where(clocks[waiting] == NEVER, NEVER, clocks[waiting] + gap[:, None])
        self.since[waiting] += np.where(self.state[waiting] == State.PENDING, gap, 0)
        self.plan(waiting, now, limits.hold, limits.keep)

    def _weigh(self, slots: Array, signed: Array, now: Now, limits: Limits) -> bool:
        """Hold values, times the sign, against the thresholds of each severity; whether anything changed by that."""
        beyond, back = signed[:, None] > limits.beyond[slots], ~(signed[:, None] > limits.back[slots])
        if limits.bands is not None:
            outside = limits.bands.beyond(slots, self.value[slots])
            beyond, back = beyond | outside, back & ~outside
        breach = beyond.any(axis=1)
        self.beyond_value[slots[breach]], self.beyond_at[slots[breach]] = self.value[slots[breach]], now.at
        absent = self.cause[slots] == Cause.ABSENT
        stays = self.clocks(slots).run_as(beyond, back) & (self.due[slots] == 0) & ~absent
        if stays.all():
            return False  # what fires as it fired, and waits for nothing: nearly all of what is wrong
        slots, beyond, back = slots[~stays], beyond[~stays], back[~stays]
        return self._change(slots, beyond, back, now, limits)

    def _change(self, slots: Array, beyond: Array, back: Array, now: Now, limits: Limits) -> bool:
        """Clocks begin and end, and instances move; whether any did."""
        before = self.clocks(slots)
        clocks = before.go_on(beyond, back, now.at)
        self.breached[slots], self.cleared[slots] = clocks
        state, severity = self.state[slots], self.severity[slots]
        wrong = (beyond | (~back & (severity[:, None] >= _RANKS))).any(axis=1)
        after = clocks.severity(severity, now.at, limits.hold[slots], limits.keep[slots])
        returned = (state >= FIRING) & (self.cause[slots] == Cause.ABSENT)  # a value has come again
        self.retell[slots[returned]] = 1
        stands = (wrong & ((state == PENDING) | (state == FIRING))) | (~wrong & (state == RECOVERING))
        restless = ~stands | (after != severity) | returned
        self.move(slots[restless & wrong], Cause.BREACH, now)
        self.move(slots[restless & ~wrong], Cause.CLEAR, now)
        self._settle(slots[restless], after[restless], now)
        stirred = restless | clocks.differ(before)
        self.plan(slots[stirred], now, limits.hold, limits.keep)
        return bool(stirred.any())

    def elapse(self, slots: Array, now: Now, hold: Array, keep: Array) -> None:
        """The time of slots has come, and no value: what has held for long enough moves. `hold`, `keep`: ms by slot."""
        self.own(ALL)
        ends = self.clocks(slots).ends(self.severity[slots], hold[slots], keep[slots])
        # no more has passed than that, also where the rule was edited to wait for longer since
        then = np.minimum(np.where(ends < FAR, ends + now.active - self.due[slots], now.at), now.at)
        after = self.clocks(slots).severity(self.severity[slots], then, hold[slots], keep[slots])
        self._settle(slots, after, now)
        self.plan(slots, now, hold, keep, then)

    def _settle(self, slots: Array, after: Array, now: Now) -> None:
        """Severities rise, fall and end; nothing befalls what is well."""
        state, severity = self.state[slots], self.severity[slots]
        rises, falls = (state != OK) & (after > severity), (state >= FIRING) & (after < severity)
        self.move(slots[rises], Cause.HELD, now, after[rises])
        self.move(slots[falls & (after >= 0)], Cause.EASED, now, after[falls & (after >= 0)])
        self.move(slots[falls & (after < 0)], Cause.KEPT, now)

    def plan(self, slots: Array, now: Now, hold: Array, keep: Array, then: Array | int | None = None) -> None:
        """When slots have to be looked at, if no value comes before; `then`: event ms that is now."""
        ends = self.clocks(slots).ends(self.severity[slots], hold[slots], keep[slots])
        waits = (self.state[slots] != OK) & (ends < FAR)
        left = np.maximum(ends - (now.at if then is None else then), 1)
        self.due[slots] = np.where(waits, now.active + left, 0)

    def move(self, slots: Array, cause: Cause, now: Now, severities: Array | None = None) -> None:
        """What a cause makes of slots, by the table: their states, severities and clocks."""
        if not len(slots):
            return
        self.own(ALL)
        states = self.state[slots]
        for before in map(State, np.unique(states).tolist()):
            after = TRANSITIONS.get((before, cause))
            if after is None:
                continue
            moved = slots[states == before]
            self.state[moved], self.cause[moved], self.due[moved] = after, cause, 0
            if severities is not None:
                self.severity[moved] = severities[states == before]
            if before == State.OK:
                self.since[moved], self.first_value[moved] = now.at, self.value[moved]
            if after == State.FIRING != before:
                self.blip[moved] = now.catching_up
            elif after == State.OK:
                self.severity[moved], self.breached[moved], self.cleared[moved] = -1, NEVER, NEVER
                # nobody hears of it
                self._forget(moved[(self.told_severity[moved] < 0) & (self.blip[moved] == 0)])

    def miss(self, slots: Array, now: Now, limits: Limits) -> None:
        """A complete frame came without a value for these slots."""
        self.own(ALL)
        self.missed[slots] += 1
        patience = limits.missed[slots]
        over = (patience != 0) & (self.missed[slots] == np.abs(patience))
        self.move(slots[over & (patience < 0)], Cause.GONE, now)
        slots = slots[over & (patience > 0)]
        fires = self.state[slots] >= FIRING
        self.retell[slots[fires]] = 1
        self.beyond_value[slots[self.state[slots] == OK]] = np.nan
        known = ~np.isnan(limits.beyond[slots])
        if limits.bands is not None:
            known |= ~np.isnan(limits.bands.low[slots])
        mildest = np.argmax(known, axis=1)
        self.move(slots, Cause.ABSENT, now, np.where(fires, self.severity[slots], mildest))
        self.breached[slots], self.cleared[slots] = NEVER, NEVER  # nothing runs while nothing is known

    def clocks(self, slots: Array) -> Clocks:
        """The clocks of slots."""
        return Clocks(self.breached[slots], self.cleared[slots])

    def tell(self, slot: int, owner: str) -> str:
        """The world knows how the slot stands, from its next turn on; another team that knew it firing, or ""."""
        self.own((*ALL, "owners"))
        before = self.owners.pop(slot, "")
        if self.shown(slot) >= 0:
            self.owners[slot] = owner
        self.told_severity[slot], self.blip[slot], self.retell[slot] = self.shown(slot), 0, 0
        self.told_value[slot] = self.value[slot]
        if self.told_severity[slot] < 0:
            self._forget(slot)
        self.turn[slot] += 1
        return before if before != owner else ""

    def _forget(self, slots: Array | int) -> None:
        """What only a verdict needs that is still to be told."""
        self.beyond_at[slots], self.beyond_value[slots], self.told_value[slots] = NEVER, np.nan, np.nan
        self.first_value[slots] = np.nan

    def shown(self, slot: int) -> int:
        """The severity that the world should know: −1 unless firing or recovering."""
        return int(self.severity[slot]) if self.state[slot] >= FIRING else -1

    def untold(self, slot: int) -> bool:
        """Whether the world knows something else than what holds."""
        return self.shown(slot) != int(self.told_severity[slot]) or bool(self.blip[slot] or self.retell[slot])

    def all_untold(self) -> list[int]:
        """Every slot of which the world knows something else."""
        shown = np.where(self.state >= FIRING, self.severity, -1)
        return [
            int(slot)
            for slot in np.flatnonzero((shown != self.told_severity) | (self.blip > 0) | (self.retell > 0))
        ]

    def deadline(self) -> int | None:
        """The earliest `due`, or round; None where nothing waits."""
        waiting, rounds = self.due[self.due > 0], [at for at in (self.sweep, self.refresh, self.values) if at]
        return min([*rounds, int(waiting.min())] if len(waiting) else rounds, default=None)
