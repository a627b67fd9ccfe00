"""Silence: what was not heard of for long did not hold meanwhile, as far as anybody knows.

So an outage, ours or the source's, counts neither towards `for` nor towards `keep_firing_for`: nobody is paged for its
length, and nothing recovers by it. Between samples that come as usual, what held before and after held all the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tables.detect.columns import Array
from tables.detect.judge import Limits, Now, State

if TYPE_CHECKING:
    from tables.detect.state import StateBlock

SHORT = 30_000  # event ms; as long as the machine itself may be away without its clock standing still


def bridged(source: dict[str, Any]) -> int:
    """The longest time between two samples of a source, event ms, in which nothing else is taken to have happened."""
    return max(SHORT, 4 * int(source.get("usual", 0)))


def resume(block: StateBlock, slots: Array, unheard: Array, now: Now, limits: Limits) -> None:
    """Slots are heard again after so long, event ms: what waits goes on waiting for as long as it had to before."""
    waits = (State.PENDING, block.since, limits.hold), (State.RECOVERING, block.cleared, limits.keep)
    for state, began, wanted in waits:
        late = (block.state[slots] == state) & (unheard > now.bridged)
        some = slots[late]
        began[some] += unheard[late]
        block.due[some] = now.attended + np.maximum(wanted[some] - (now.at - began[some]), 1)
