"""A data gap: what was not heard of for long did not hold meanwhile, as far as anybody knows.

So an outage, ours or the source's, counts neither towards `for` nor towards `keep_firing_for`: nobody is paged for its
length, and nothing recovers by it. Between samples that come as usual, what held before and after held all the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tables.detect.columns import NEVER, Array
from tables.detect.lifecycle import Limits, Now, State

if TYPE_CHECKING:
    from tables.detect.instances import StateBlock

SHORT = 30_000  # event ms; as long as the machine itself may be away without its clock standing still


def bridged(source: dict[str, Any]) -> int:
    """The longest time between two samples of a source, event ms, in which nothing else is taken to have happened."""
    return max(SHORT, 4 * int(source.get("usual", 0)))


def resume(block: StateBlock, slots: Array, unheard: Array, now: Now, limits: Limits) -> None:
    """Slots are heard again after so long, event ms: what waits goes on waiting for as long as it had to before."""
    late = (unheard > now.bridged) & (block.state[slots] != State.OK)
    if not late.any():
        return
    block.own(("breached", "cleared", "since", "due"))
    some, gap = slots[late], unheard[late]
    for clocks in (block.breached, block.cleared):
        clocks[some] = np.where(clocks[some] == NEVER, NEVER, clocks[some] + gap[:, None])
    block.since[some] += np.where(block.state[some] == State.PENDING, gap, 0)
    block.plan(some, now, limits.hold, limits.keep)
