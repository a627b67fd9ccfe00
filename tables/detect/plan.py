"""Which slots feed which: one gateway's uses turned into index arrays, so that judging is arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from tables.detect import series, state, window
from tables.detect.columns import Array
from tables.detect.index import Use
from tables.detect.judge import Limits
from tables.detect.subject import Subjects
from tables.detect.watch import Watch


class Feed(NamedTuple):
    """Series of one block that fill windows of one block for one input; slots in the same order."""

    watch: Watch
    function: str
    block: int  # of windows
    series: Array
    windows: Array


class Direct(NamedTuple):
    """Series of one block judged one by one, by their last values or (with `feed`) by their windows."""

    block: int  # of states
    series: Array
    states: Array
    feed: Feed | None


class Member(NamedTuple):
    """Slots of one block that a grouped rule reduces, and the group of each."""

    role: int
    function: str
    block: int  # of windows, or of series where the function is `last`
    slots: Array
    groups: Array


class Group(NamedTuple):
    """A grouped rule: its members, and by group the number of its state slot."""

    watch: Watch
    members: list[Member]
    states: Array

    @property
    def level(self) -> str:
        """The level of its members' blocks."""
        return "4" if self.watch.windowed else "3"


class Plan(NamedTuple):
    """Everything of one gateway. `feeds` and `direct` by series block; `limits` by state block."""

    feeds: dict[int, list[Feed]]
    direct: dict[int, list[Direct]]
    groups: list[Group]
    limits: dict[int, Limits]
    patient: tuple[int, ...]  # the state blocks in which a missing value means something
    subjects: dict[int, Subjects]  # by state block, what has a model


def make(uses: list[Use], states: Mapping[int, Watch | None], subjects: dict[int, Subjects]) -> Plan:
    """The plan for all uses; `states`: whose each slot is, as some outlive their series; `subjects`: with a model."""
    # sums of floats depend on their order
    uses = sorted(uses, key=lambda use: (use.watch.id, use.role, use.series))
    feeds: dict[int, list[Feed]] = {}
    direct: dict[int, list[Direct]] = {}
    for (block, _, _, _), some in _by(
        lambda u: (u.series // series.SIZE, u.watch.id, u.role, u.window // window.SIZE), uses
    ):
        if some[0].watch.windowed:
            feeds.setdefault(block, []).append(_feed(some))
    singles = sorted((use for use in uses if not use.watch.grouped), key=lambda use: use.series)
    for (block, at, rule, _), some in _by(_single, singles):
        direct.setdefault(block, []).append(
            Direct(
                at,
                _slots(some, "series", series.SIZE),
                _slots(some, "state", state.SIZE),
                _feed(some) if rule else None,
            )
        )
    grouped = _by(lambda u: u.watch.id, (use for use in uses if use.watch.grouped))
    limits = _limits(states)
    patient = tuple(n for n, one in limits.items() if one.missed.any())
    return Plan(feeds, direct, [_group(some) for _, some in grouped], limits, patient, subjects)


def _single(use: Use) -> tuple[int, int, str, int]:
    windowed = use.watch.windowed
    place = use.window // window.SIZE if windowed else -1
    return use.series // series.SIZE, use.state // state.SIZE, use.watch.id if windowed else "", place


def _by(key: Callable[[Use], Hashable], uses: Iterable[Use]) -> list[tuple[Any, list[Use]]]:
    found: dict[Hashable, list[Use]] = {}
    for use in uses:
        found.setdefault(key(use), []).append(use)
    return list(found.items())


def _slots(uses: list[Use], field: str, size: int) -> Array:
    return np.array([getattr(use, field) % size for use in uses], dtype=np.int64)


def _feed(uses: list[Use]) -> Feed:
    first = uses[0]
    windows = _slots(uses, "window", window.SIZE)
    return Feed(
        first.watch, first.function, first.window // window.SIZE, _slots(uses, "series", series.SIZE), windows
    )


def _group(uses: list[Use]) -> Group:
    watch, groups = uses[0].watch, {state: n for n, state in enumerate(sorted({use.state for use in uses}))}
    field, size = ("window", window.SIZE) if watch.windowed else ("series", series.SIZE)
    members: list[Member] = []
    for (role, block), some in _by(lambda u: (u.role, getattr(u, field) // size), uses):
        of = np.array([groups[use.state] for use in some], dtype=np.int64)
        members.append(Member(role, some[0].function, block, _slots(some, field, size), of))
    return Group(watch, members, np.array(list(groups), dtype=np.int64))


def _limits(states: Mapping[int, Watch | None]) -> dict[int, Limits]:
    size = -(-(max(states, default=-1) + 1) // state.SIZE) * state.SIZE
    beyond, back = np.full((size, 3), np.nan), np.full((size, 3), np.nan)
    sign = np.ones(size)
    hold, keep, missed = (np.zeros(size, dtype=np.int64) for _ in range(3))
    counts = np.zeros(size, dtype=bool)
    for number, watch in states.items():
        if watch is None:
            continue  # its rule has gone
        beyond[number], back[number], sign[number] = watch.limits
        hold[number], keep[number] = watch.rule.for_, watch.rule.keep_firing_for
        missed[number], counts[number] = watch.patience, watch.counts
    first = np.where(np.isnan(beyond), np.inf, beyond).min(axis=1, initial=np.inf)
    whole = Limits(beyond, back, sign, hold, keep, missed, first, counts)
    cuts = [slice(start, start + state.SIZE) for start in range(0, size, state.SIZE)]
    return {n: Limits(*(column[cut] for column in whole)) for n, cut in enumerate(cuts)}
