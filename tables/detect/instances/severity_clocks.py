"""The clocks of each severity of an instance: since when a value lies beyond its threshold, since when it is back.

Each severity holds for the rule's `for` by itself, and lasts for its `keep_firing_for` by itself; an alert has the
worst of those that last. Clocks are event ms by slot and severity, NEVER where one does not run.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tables.detect.columns import NEVER, Array

NONE = -1  # no severity
FAR = 1 << 62  # event ms; after everything
_RANKS = np.arange(3)


class Clocks(NamedTuple):
    """By slot and severity: `breached`, since when beyond its threshold; `cleared`, since when past its recovery."""

    breached: Array
    cleared: Array

    def go_on(self, beyond: Array, back: Array, at: int) -> Clocks:
        """As they run after values of an instant; what ran goes on."""
        return Clocks(_run(self.breached, beyond, at), _run(self.cleared, back, at))

    def run_as(self, beyond: Array, back: Array) -> Array:
        """Which slots have the clocks running, and no others, that values run."""
        same = ((self.breached != NEVER) == beyond) & ((self.cleared != NEVER) == back)
        return np.asarray(same.all(axis=1))

    def differ(self, other: Clocks) -> Array:
        """Which slots have a clock that the other one lacks, or has otherwise."""
        either = (self.breached != other.breached) | (self.cleared != other.cleared)
        return np.asarray(either.any(axis=1))

    def severity(self, now: Array, at: Array | int, hold: Array, keep: Array) -> Array:
        """The severity that each slot has at an instant, where it has `now`: NONE where none has held, or lasts."""
        then = np.asarray(at)[..., None] if np.ndim(at) else at
        held = (self.breached != NEVER) & (then - self.breached >= hold[:, None])
        over = (self.cleared != NEVER) & (then - self.cleared >= keep[:, None])
        return _worst(held | (~over & (now[:, None] >= _RANKS)))

    def ends(self, now: Array, hold: Array, keep: Array) -> Array:
        """When, event ms, each slot's severity may next change by time alone; FAR where it cannot."""
        waits = (self.breached != NEVER) & (now[:, None] < _RANKS)
        rises = np.where(waits, self.breached + hold[:, None], FAR).min(axis=1)
        own = np.take_along_axis(self.cleared, np.maximum(now, 0)[:, None], axis=1)[:, 0]
        return np.asarray(np.minimum(rises, np.where((now >= 0) & (own != NEVER), own + keep, FAR)))


def _run(clocks: Array, runs: Array, at: int) -> Array:
    return np.where(runs, np.where(clocks == NEVER, at, clocks), NEVER)


def _worst(severities: Array) -> Array:
    """The highest severity of each slot; NONE where it has none. [n, 3] → [n]."""
    return np.where(severities.any(axis=1), 2 - np.argmax(severities[:, ::-1], axis=1), NONE)
