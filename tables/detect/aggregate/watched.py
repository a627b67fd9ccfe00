"""Since when a source has been heard without a gap: a window that reaches back further has not been watched in full.

What was not seen counts as nought in a sum, a count or an increase; a maximum could be higher by it, a minimum lower,
and a mean or a share either. So no such value is found to be too small, nor a minimum too large, before its window has
been watched in full; what is too much already may be told.
"""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from tables.detect.columns import NEVER, Array, some
from tables.detect.health.state import FOREVER, Break, Source
from tables.detect.instances import data_gap
from tables.detect.instances.instances import StateBlock
from tables.detect.instances.lifecycle import Limits, Now, State

RHYTHM = 5  # intervals of a source; the longest but one of them is how often it speaks
MISSED = 2.5  # intervals; longer than this without a frame, and short windows lack something
PART = 4  # a window lacks something where such a gap is more than this part of it
KEPT = 6  # gaps that are remembered


def begin(at: int) -> tuple[Break, ...]:
    """The breaks of a source at its first frame."""
    return (Break(FOREVER, at),)


def heard(source: Source, at: int) -> tuple[tuple[int, ...], tuple[Break, ...]]:
    """Gaps and breaks with the source's next frame, of event ms `at`; how often it speaks shows with its third one.

    `gaps`: ms, the newest; a window that is shorter than a break's `shorter` has been watched since then.
    """
    gap, gaps, breaks = at - source.at, source.gaps, source.breaks
    if len(gaps) == 1:
        breaks = _broken(breaks, gaps[0], gap, source.at)
    if gaps:
        breaks = _broken(breaks, gap, _interval(source), at)
    return (*gaps, gap)[-RHYTHM:], breaks


def _broken(breaks: tuple[Break, ...], gap: int, usual: int, at: int) -> tuple[Break, ...]:
    if not (shorter := int(_lacking(np.array(gap), usual))):
        return breaks
    kept = tuple(each for each in breaks if each.shorter > shorter)
    return (*kept, Break(shorter, at)) if len(kept) < KEPT else (*kept[:-1], Break(kept[-1].shorter, at))


def _lacking(gap: Array, usual: int) -> Array:
    """Below which length a window lacks something, ms, by gaps; 0 where none does. `usual`: ms, without a gap."""
    long, some = gap > max(data_gap.SHORT, 4 * usual), gap > MISSED * usual
    return np.where(long, FOREVER, np.where(some, PART * np.minimum(gap, FOREVER // PART), 0))


def torn(source: Source, gap: Array, over: Array) -> Array:
    """Which windows of series lack something that came to the source after a gap, ms, in which nobody sent them."""
    return np.asarray(over < _lacking(gap, _interval(source)))


def usual(source: Source) -> float:
    """After how long without a value, ms, a series of the source was absent; 0 where that is not known yet."""
    return MISSED * _interval(source)


def lapse(source: Source) -> int:
    """After how long without a value, ms, nobody knows when a series of the source has grown."""
    return max(data_gap.SHORT, 4 * _interval(source))


def _interval(source: Source) -> int:
    """How often a source speaks, ms; 0 where that is not known yet."""
    return sorted(source.gaps)[-2:][0] if source.gaps else 0


def silent(source: Source, gap: int, at: int) -> Source:
    """A source of which nothing has come for `gap` ms, as if it spoke again at event ms `at`, and not before."""
    return replace(source, breaks=_broken(source.breaks, gap, _interval(source), at))


def since(source: Source, over: Array, counts: Array | bool) -> Array:
    """Event ms since which windows of these lengths have been watched; `counts`: which are of counters.

    The second frame of a source does not tell whether it fell silent before it. Counters that were not trusted were not
    watched.
    """
    begins = np.full(len(over), NEVER)
    for each in source.breaks:
        begins[over < each.shorter] = each.since
    if len(source.gaps) == 1:
        begins[:] = source.at
    return np.where(counts, np.maximum(begins, source.trusted), begins)


def held(
    block: StateBlock, early: tuple[Array, Array], unknown: Array, now: Now, limits: Limits
) -> tuple[Array, Array]:
    """What is judged of windows that have not been watched in full, and of slots of which there is nothing to judge.

    `early`: the slots and values of such windows. One that lies on the good side already is judged. Else nothing is
    known: what waits to fire does not wait any longer; what fires stays as it is, and has no value meanwhile.
    """
    slots, values = early
    unclear: Array = np.any((values * limits.sign[slots])[:, None] > limits.back[slots], axis=1)
    if limits.bands is not None:
        unclear |= limits.bands.doubtful(slots, values).any(axis=1)
    if len(unknown):
        slots, values = (
            np.concatenate([slots, unknown]),
            np.concatenate([values, np.full(len(unknown), np.nan)]),
        )
        unclear = np.concatenate([unclear, np.ones(len(unknown), dtype=bool)])
    values = np.where(unclear, np.nan, values)
    stays = unclear & (block.state[slots] >= State.FIRING)
    if not some(stays):
        return slots, values
    _stay(block, slots[stays], now, limits)
    return slots[~stays], values[~stays]


def _stay(block: StateBlock, slots: Array, now: Now, limits: Limits) -> None:
    """These slots stay as they are, since they fire and nothing clear is known: no time passes for them."""
    slots = slots[now.at > block.at[slots]]
    block.own(("at", "missed", "since", "breached", "cleared", "due", "value"))
    block.resume(slots, now.at - block.at[slots], now, limits)
    block.at[slots], block.missed[slots], block.value[slots] = now.at, 0, np.nan
