"""A curve of a trial in text: a line of blocks, and under it how the alert stood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

WIDE = 60  # columns
BLOCKS = "▁▂▃▄▅▆▇█"
MARKS = {"info": "i", "warning": "w", "critical": "c"}
SHOWN = 10  # curves
Curve = Mapping[str, Any]  # of a trial's answer: rule, gateway, series, points


def pictures(curves: Sequence[Curve]) -> Iterator[str]:
    """A heading, a line of blocks and, where an alert was, a line of marks for each."""
    for curve in curves[:SHOWN]:
        values = [point["value"] for point in curve["points"]]
        about = " ".join(filter(None, (curve["gateway"], curve["series"])))
        first, last = (curve["points"][n]["at"] for n in (0, -1))
        yield f"{curve['rule']} of {about}: {min(values):.4g} (▁) to {max(values):.4g} (█), {first} to {last}"
        yield from lines(curve["points"])
    if curves:
        yield f"  {', '.join(f'{mark} {name}' for name, mark in MARKS.items())}"
    if len(curves) > SHOWN:
        yield f"  and {len(curves) - SHOWN} more, which `POST /v1/rules/test` has in `plot`"


def lines(points: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The points in their order, put into columns of equal time; of a column the highest value and the worst mark."""
    times = [point["at"] for point in points]
    columns = _columns(times)
    least, most = (end(point["value"] for point in points) for end in (min, max))
    values, marks = [" "] * WIDE, [" "] * WIDE
    for column, point in zip(columns, points, strict=True):
        block = BLOCKS[round((point["value"] - least) / ((most - least) or 1.0) * (len(BLOCKS) - 1))]
        values[column] = max(values[column], block)
        marks[column] = min(filter(str.strip, (marks[column], MARKS.get(point["severity"], ""))), default=" ")
    yield f"  {''.join(values).rstrip()}"
    if any(map(str.strip, marks)):
        yield f"  {''.join(marks).rstrip()}"


def _columns(times: Iterable[str]) -> list[int]:
    """In which column each time stands, the first at the left and the last at the right."""
    from api.instant import parse

    at = [parse(time) for time in times]
    span = (max(at) - min(at)) or 1
    return [(time - min(at)) * (WIDE - 1) // span for time in at]
