"""The state machine of an instance, as one table: what a cause makes of a state.

An instance is what a rule says about one series or group of series. `Cause`s are found in the numbers and in time;
all moves are in `TRANSITIONS`, and what is not there does not happen.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from tables.detect.columns import Array, some


class State(IntEnum):
    """How an instance stands; the number is what a row stores."""

    OK = 0  # all is well
    PENDING = 1  # beyond a threshold, but not yet for long enough
    FIRING = 2  # wrong for long enough: the world knows
    RECOVERING = 3  # past the recovery threshold, but not yet for long enough


class Cause(IntEnum):
    """What moves an instance."""

    BREACH = 0  # a value beyond a threshold, or not yet past the recovery threshold
    CLEAR = 1  # a value on the good side of the recovery threshold
    HELD = 2  # `for` has passed for a severity, or for one that is worse
    KEPT = 3  # `keep_firing_for` has passed for all severities
    GONE = 4  # missing for the rule's number of frames, and the rule says resolve
    ABSENT = 5  # missing for the rule's number of frames, and the rule says alert
    REMOVED = 6  # the rule was deleted, disabled or no longer covers it, or its source was stopped
    EASED = 7  # `keep_firing_for` has passed for its severity, but not for a milder one


TRANSITIONS: dict[tuple[State, Cause], State] = {
    (State.OK, Cause.BREACH): State.PENDING,
    (State.OK, Cause.ABSENT): State.FIRING,
    (State.PENDING, Cause.CLEAR): State.OK,
    (State.PENDING, Cause.HELD): State.FIRING,
    (State.PENDING, Cause.ABSENT): State.FIRING,
    (State.PENDING, Cause.GONE): State.OK,
    (State.PENDING, Cause.REMOVED): State.OK,
    (State.FIRING, Cause.BREACH): State.FIRING,
    (State.FIRING, Cause.HELD): State.FIRING,
    (State.FIRING, Cause.EASED): State.FIRING,
    (State.FIRING, Cause.ABSENT): State.FIRING,
    (State.FIRING, Cause.CLEAR): State.RECOVERING,
    (State.FIRING, Cause.GONE): State.OK,
    (State.FIRING, Cause.REMOVED): State.OK,
    (State.RECOVERING, Cause.BREACH): State.FIRING,
    (State.RECOVERING, Cause.KEPT): State.OK,
    (State.RECOVERING, Cause.EASED): State.RECOVERING,
    (State.RECOVERING, Cause.ABSENT): State.FIRING,
    (State.RECOVERING, Cause.GONE): State.OK,
    (State.RECOVERING, Cause.REMOVED): State.OK,
}


class Now(NamedTuple):
    """The moment of a judgement: `at` event ms, `active` ms on the machine's clock, `catching_up`: whether we are."""

    at: int
    active: int
    catching_up: bool
    bridged: int = 1 << 62  # event ms; a longer data gap counts for nothing


class Bands(NamedTuple):
    """Where values are held against bands. `low`, `high`: [slots, 3], NaN where there is none; `within`: by slot.

    `chosen`: which slots have bands; of the `within` ones it is wrong to lie inside, of the others outside.
    `sure_low`, `sure_high`: [slots, 3], whether what lies below a band, or above it, is wrong whatever was not seen.
    """

    chosen: Array
    low: Array
    high: Array
    within: Array
    sure_low: Array
    sure_high: Array

    def beyond(self, slots: Array, values: Array) -> Array:
        """By slot and severity, whether a value is wrong; never where a slot has no bands. [n] → [n, 3]."""
        beyond = np.zeros((len(slots), 3), dtype=bool)
        if len(mine := self.chosen[slots].nonzero()[0]):
            slots, values = slots[mine], values[mine, None]
            low, high = self.low[slots], self.high[slots]
            inside, outside = (values >= low) & (values <= high), (values < low) | (values > high)
            beyond[mine] = np.where(self.within[slots, None], inside, outside)
        return beyond

    def doubtful(self, slots: Array, values: Array) -> Array:
        """The same, but for what lies outside of a band on a side from which what was not seen cannot bring it back."""
        beyond = self.beyond(slots, values)
        if not some(beyond):
            return beyond
        below = (values[:, None] < self.low[slots]) & self.sure_low[slots]
        above = (values[:, None] > self.high[slots]) & self.sure_high[slots]
        sure = ~self.within[slots, None] & (below | above)
        return np.asarray(beyond & ~sure)


class Limits(NamedTuple):
    """What the slots of a block are judged by, derived from their rules.

    `beyond`, `back`: [slots, 3] thresholds and recovery thresholds for info, warning, critical, times `sign`,
    NaN where a severity has none; `sign`: +1 above, −1 below; `hold`, `keep`: ms; `missed`: after how many frames
    without a value to alert (positive) or resolve (negative), 0 to keep the state; `first`: the least of
    `beyond`; `counts`: whether the rule reads counters, which a source may not be trusted with; `bands`:
    None where no slot has any.
    """

    beyond: Array
    back: Array
    sign: Array
    hold: Array
    keep: Array
    missed: Array
    first: Array
    counts: Array
    bands: Bands | None = None
