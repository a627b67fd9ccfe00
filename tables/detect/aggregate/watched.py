"""Since when a source has been heard without a gap: a window that reaches back further has not been watched in full.

What was not seen counts as nought in a sum, a count or an increase; a maximum could be higher by it, a minimum lower,
and a mean or a share either. So no such value is found to be too small, nor a minimum too large, before its window has
been watched in full; what is too much already may be told.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tables.detect.columns import NEVER, Array
from tables.detect.instances import data_gap
from tables.detect.instances.instances import StateBlock
from tables.detect.instances.lifecycle import Limits, Now, State

RHYTHM = 5  # intervals of a source; the longest but one of them is how often it speaks
MISSED = 2.5  # intervals; longer than this without a frame, and short windows lack something
PART = 4  # a window lacks something where such a gap is more than this part of it
KEPT = 6  # gaps that are remembered
ALL = 2**62  # longer than any window


def begin(at: int) -> dict[str, Any]:
    """What a source keeps of its gaps at its first frame. `gaps`: ms, the newest; `breaks`: [ms, event ms].

    A window that is shorter than the one has been watched without a break since the other.
    """
    return {"gaps": [], "breaks": [[ALL, at]]}


def note(source: dict[str, Any], at: int) -> None:
    """The source's next frame, of event ms `at`; how often it speaks shows with its third one."""
    gap, gaps, breaks = at - source["at"], source.get("gaps", []), source.get("breaks", [])
    if len(gaps) == 1:
        breaks = _broken(breaks, gaps[0], gap, source["at"])
    if gaps:
        breaks = _broken(breaks, gap, sorted(gaps)[-2:][0], at)
    source |= {"gaps": [*gaps, gap][-RHYTHM:], "breaks": breaks}


def _broken(breaks: list[list[int]], gap: int, usual: int, at: int) -> list[list[int]]:
    shorter = ALL if gap > max(data_gap.SHORT, 4 * usual) else PART * gap if gap > MISSED * usual else 0
    if not shorter:
        return breaks
    kept = [one for one in breaks if one[0] > shorter]
    return [*kept, [shorter, at]] if len(kept) < KEPT else [*kept[:-1], [kept[-1][0], at]]


def usual(source: dict[str, Any]) -> float:
    """After how long without a value, ms, a series of the source was absent; 0 where that is not known yet."""
    gaps = sorted(source.get("gaps", ()))
    return MISSED * gaps[-2:][0] if gaps else 0


def since(source: dict[str, Any], over: Array, counts: Array | bool) -> Array:
    """Event ms since which windows of these lengths have been watched; `counts`: which are of counters.

    The second frame of a source does not tell whether it fell silent before it. Counters that were not trusted were not
    watched.
    """
    found = np.full(len(over), NEVER)
    for shorter, at in source.get("breaks", ()):
        found[over < shorter] = at
    if len(source.get("gaps", ())) == 1:
        found[:] = source["at"]
    return np.where(counts, np.maximum(found, source.get("trusted", NEVER)), found)


def hold(block: StateBlock, slots: Array, values: Array, now: Now, limits: Limits) -> bool:
    """Take values of windows that have not been watched in full; whether any slot may have something to say.

    One that lies on the good side already is judged. Else nothing is known: what waits to fire does not wait any
    longer, what fires stays as it is.
    """
    unclear = ((values * limits.sign[slots])[:, None] > limits.back[slots]).any(axis=1)
    if limits.bands is not None:
        unclear |= limits.bands.doubtful(slots, values).any(axis=1)
    firing = block.state[slots] >= State.FIRING
    held = slots[unclear & firing & (now.at > block.at[slots])]
    block.own(("at", "missed", "since", "cleared", "due"))
    block.resume(held, now.at - block.at[held], now, limits)
    block.at[held], block.missed[held] = now.at, 0
    judged = ~(unclear & firing)
    return block.judge(slots[judged], np.where(unclear, np.nan, values)[judged], now, limits)
