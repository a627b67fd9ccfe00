"""Numbers over time in, the shapes of a drawing out: lines, bars and bands with their places, rounded to a tenth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

WIDTH, HEIGHT, EDGE = 720.0, 160.0, 6.0
Point = tuple[float, float]  # an instant in ms UTC, and a number


class Polyline(NamedTuple):
    """A line through `points`, as SVG spells them."""

    kind: str
    points: str


class Rectangle(NamedTuple):
    """A rectangle; `title` says what it stands for."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    title: str = ""


class Drawing(NamedTuple):
    """What is drawn on a ground of `width` to `height`; `least` and `most` are the numbers at its edges."""

    width: float
    height: float
    lines: list[Polyline]
    bars: list[Rectangle]
    least: float = 0.0
    most: float = 0.0


class TimeSpan(NamedTuple):
    """A stretch of time, ms UTC, of a kind."""

    begins: float
    ends: float
    kind: str
    title: str = ""


def scale(first: float, last: float, begin: float, end: float) -> Callable[[float], float]:
    """Where a number between two others lies on the way from one place to another."""
    size = (last - first) or 1.0
    return lambda value: round(begin + min(max((value - first) / size, 0.0), 1.0) * (end - begin), 1)


def curve(series: Sequence[Sequence[Point]], limits: Sequence[float], spans: Sequence[TimeSpan]) -> Drawing:
    """Numbers over time as lines, with limits across them and stretches of time behind them."""
    points = [point for part in series for point in part]
    if not points:
        return Drawing(WIDTH, HEIGHT, [], [])
    first, last = min(at for at, _ in points), max(at for at, _ in points)
    first, last = min([first, *(span.begins for span in spans)]), max([last, *(span.ends for span in spans)])
    values = [value for _, value in points] + list(limits)
    least, most = min(values), max(values)
    across, up = scale(first, last, 0, WIDTH), scale(least, most, HEIGHT - EDGE, EDGE)
    lines = [Polyline("edge", f"0,{up(limit)} {WIDTH:g},{up(limit)}") for limit in limits]
    lines += [
        Polyline("value", " ".join(f"{across(at)},{up(value)}" for at, value in part)) for part in series
    ]
    return Drawing(WIDTH, HEIGHT, lines, [*_behind(spans, across)], least, most)


def _behind(spans: Iterable[TimeSpan], across: Callable[[float], float]) -> Iterable[Rectangle]:
    for span in spans:
        begin, end = across(span.begins), across(span.ends)
        yield Rectangle(span.kind, begin, 0, round(max(end - begin, 1.0), 1), HEIGHT, span.title)


def strip(spans: Sequence[TimeSpan], first: float, last: float) -> Drawing:
    """Stretches of time side by side on one band."""
    across = scale(first, last, 0, WIDTH)
    return Drawing(WIDTH, HEIGHT, [], [*_behind(spans, across)])


def columns(stacks: Sequence[Sequence[tuple[str, float]]], titles: Sequence[str]) -> Drawing:
    """One column for each stack of kinds and numbers, the first at the bottom."""
    most = max((sum(value for _, value in stack) for stack in stacks), default=0.0)
    wide, bars = WIDTH / max(len(stacks), 1), list[Rectangle]()
    for place, (stack, title) in enumerate(zip(stacks, titles, strict=True)):
        foot = HEIGHT
        for kind, value in stack:
            high = round((HEIGHT - EDGE) * value / (most or 1.0), 1)
            foot = round(foot - high, 1)
            if value:
                bars.append(
                    Rectangle(
                        kind, round(place * wide + wide * 0.1, 1), foot, round(wide * 0.8, 1), high, title
                    )
                )
    return Drawing(WIDTH, HEIGHT, [], bars, 0.0, most)
