"""What rules over windows should say of frames, worked out from all samples anew each time: slow and plain."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
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


def amounts(frames: Sequence[Frame], name: str, since: int, counts: bool) -> list[tuple[int, float]]:
    """(second, amount) that each frame brings to the window of a rule that is there since a second."""
    found: list[tuple[int, float]] = []
    for n, frame in enumerate(frames):
        if name not in frame.values or frame.at < since:
            continue
        value, before = (
            frame.values[name],
            [one for one in frames[:n] if name in one.values and one.at >= since],
        )
        if not counts:
            found.append((frame.at, value))
            continue
        last = before[-1].values[name] if before else None
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
    total = sum(inside)
    return total / len(inside) if function == "avg" else total / OVER if function == "rate" else total


def whole(frames: Sequence[Frame], names: Sequence[str], at: int, since: int) -> bool:
    """Whether the window has been watched in full: the source never fell silent in it, nor did the rule come in it."""
    begun = min(frame.at for frame in frames if frame.at >= since and set(names) & frame.values.keys())
    for before, after in pairwise(frames):
        if after.at <= at and after.at - before.at >= LONG:
            begun = max(begun, after.at)
    return at - begun >= OVER


def firing(frames: Sequence[Frame], names: Sequence[str], since: int, rule: dict[str, Any]) -> list[bool]:
    """Whether the rule's instance fires after each frame; `names`: the series that it is about, together."""
    function = next(one for one in rule if one in FUNCTIONS)
    limit, below, state, found = (
        float(rule["below"] if "below" in rule else rule["above"]),
        "below" in rule,
        False,
        [],
    )
    counts = function in ("rate", "increase")
    for n, frame in enumerate(frames):
        known = frames[: n + 1]
        some = [one for name in names for one in amounts(known, name, since, counts)]
        heard = (
            any(frame.at - OVER < then for then, _ in some) if len(names) > 1 else names[0] in frame.values
        )
        if (
            frame.at >= since and heard
        ):  # a group is judged with each frame, as long as its windows hold something
            now = value(function, some, frame.at)
            breach = now < limit if below else now > limit
            unsure = below == (function != "min") and not whole(known, names, frame.at, since)
            state = (state if unsure else True) if breach else False
        found.append(state)
    return found


FUNCTIONS = ("sum", "count", "rate", "increase", "avg", "min", "max")
