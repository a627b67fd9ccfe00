"""What rules over windows should say of frames, worked out from all samples anew each time: slow and plain."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import isclose
from statistics import pstdev
from typing import Any, NamedTuple

OVER = 120
EVERY = 20  # s between frames, but for a silence
LONG = 10 * EVERY  # s, a silence at least
PARTS = 30  # of a window
Series = dict[str, float]


class Frame(NamedTuple):
    """What came at a second."""

    at: int
    values: Series


def amounts(frames: Sequence[Frame], name: str, since: int, function: str) -> list[tuple[int, float]]:
    """(second, amount) that each frame brings to the window of a rule that is there since a second."""
    counts = function in ("rate", "increase")
    found: list[tuple[int, float]] = []
    for n, frame in enumerate(frames):
        if name not in frame.values or frame.at < since:
            continue
        value, before = (
            frame.values[name],
            [one for one in frames[:n] if name in one.values and one.at >= since],
        )
        last = before[-1].values[name] if before else None
        if not counts:
            moved = 0.0 if last is None else value - last
            of = {"delta": moved, "changes": float(moved != 0)}
            found.append((frame.at, of.get(function, value)))
            continue
        step = value if last is None or value < last else value - last
        if last is None and not (n > 0 and frames[n - 1].at >= since):
            step = 0.0  # it was there before the rule, or before its source was heard
        gap = frame.at - (before or frames[n - 1 : n] or [frame])[-1].at
        if gap <= OVER:
            found.append((frame.at, step))
        else:  # counted while nobody looked: each part of the window gets its share
            found += [(frame.at - part * OVER // PARTS, step * OVER / gap / PARTS) for part in range(PARTS)]
    return found


def value(function: str, some: Sequence[tuple[int, float]], at: int) -> float:
    """The function of what lies within the window that ends at a second."""
    inside = [amount for then, amount in some if at - OVER < then <= at]
    if function == "count":
        return float(len(inside))
    if function in ("min", "max"):
        return min(inside) if function == "min" else max(inside)
    if function == "stddev":
        return pstdev(inside)
    total = sum(inside)
    return total / len(inside) if function == "avg" else total / OVER if function == "rate" else total


def whole(frames: Sequence[Frame], names: Sequence[str], at: int, since: int) -> bool:
    """Whether the window has been watched in full: the source never fell silent in it, nor did the rule come in it.

    Nor did all its series come in it, or come back after it had become empty.
    """
    begun = min(_begun([f.at for f in frames if since <= f.at <= at and name in f.values]) for name in names)
    for before, after in pairwise(frames):
        if after.at <= at and after.at - before.at >= LONG:
            begun = max(begun, after.at)
    return at - begun >= OVER


def _begun(times: Sequence[int]) -> int:
    """Since when a series that came at these seconds has been there; a second that never comes where it has not."""
    begun = times[0] if times else 2**62
    for before, after in pairwise(times):
        begun = after if after - before >= OVER else begun
    return begun


def wrong(comparison: str, limit: Any, now: float) -> bool:
    """Whether a value is, as the threshold is meant."""
    low, high = limit if isinstance(limit, list) else (limit, limit)
    near = isclose(now, low, rel_tol=1e-9) or isclose(now, high, rel_tol=1e-9)
    within = low <= now <= high or near
    return {
        "above": now > high and not near, "below": now < low and not near, "at_or_above": now >= high or near,
        "at_or_below": now <= low or near, "equals": within, "inside": within, "differs_from": not within,
        "outside": not within,
    }[comparison]  # fmt: skip


def proven(function: str, comparison: str, limit: Any, now: float) -> bool:
    """Whether a value would be wrong whatever else had come in the time that was not watched."""
    low, high = limit if isinstance(limit, list) else (limit, limit)
    if function == "delta" and comparison not in ("equals", "inside"):  # what moved by so much has moved
        return not (wrong(comparison, limit, 0) and (now > high) == (high < 0))
    if function in ("avg", "stddev") and comparison in ("above", "at_or_above"):
        return True  # of a mean, too much is told early
    others = [now, low, high, (low + high) / 2, -1e9, 1e9]
    if function in ("sum", "count", "rate", "increase", "changes", "max"):
        others = [other for other in others if other >= now]
    if function == "min":
        others = [other for other in others if other <= now]
    return all(wrong(comparison, limit, other) for other in others)


def firing(frames: Sequence[Frame], names: Sequence[str], since: int, rule: dict[str, Any]) -> list[bool]:
    """Whether the rule's instance fires after each frame; `names`: the series that it is about, together."""
    function = next(one for one in rule if one in FUNCTIONS)
    comparison = next(one for one in rule if one in COMPARISONS)
    limit, state, found = rule[comparison], False, list[bool]()
    for n, frame in enumerate(frames):
        known = frames[: n + 1]
        some = [one for name in names for one in amounts(known, name, since, function)]
        heard = (
            any(frame.at - OVER < then for then, _ in some) if len(names) > 1 else names[0] in frame.values
        )
        if (
            frame.at >= since and heard
        ):  # a group is judged with each frame, as long as its windows hold something
            now = value(function, some, frame.at)
            breach = wrong(comparison, limit, now)
            sure = proven(function, comparison, limit, now) or whole(known, names, frame.at, since)
            state = (True if sure else state) if breach else False
        found.append(state)
    return found


FUNCTIONS = ("sum", "count", "rate", "increase", "avg", "min", "max", "delta", "changes", "stddev")
COMPARISONS = (
    "above", "below", "at_or_above", "at_or_below", "equals", "differs_from", "inside", "outside",
)  # fmt: skip
