"""What anomaly rules made of every row, as a picture in text: time runs down, a strip shows band and value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from streams.documents.conditions.anomaly import SCORE

WIDE = 41  # columns of a strip
Row = dict[str, Any]  # of a trial: at, gateway, rule, series, value, low, high, score


def picture(rows: Iterable[Row], thresholds: Mapping[str, float]) -> Iterator[str]:
    """A heading and a line a row for each instance; `thresholds`: above which score a rule's row is unusual."""
    for (gateway, rule, series), instance in groupby(sorted(rows, key=_place), _instance):
        readings = list(instance)
        least, most = reach(readings)
        yield f"{rule} of {series or gateway}: {least:.4g} (left) to {most:.4g} (right); ░ usual, ● measured, ◆ unusual"
        for row in readings:
            odd = row["score"] > thresholds.get(rule, SCORE)
            line = strip(row, least, most, "◆" if odd else "●")
            numbers = f"{row['value']:.4g} ({row['low']:.4g} to {row['high']:.4g}), score {row['score']:.3f}"
            yield f"{row['at']}  {line}  {numbers}"


def strip(row: Row, least: float, most: float, mark: str) -> str:
    """One row between the two bounds of its picture."""
    low, high, value = (_column(row[name], least, most) for name in ("low", "high", "value"))
    cells = ["░" if low <= n <= high else " " for n in range(WIDE)]
    cells[value] = mark
    return f"│{''.join(cells)}│"


def reach(rows: Sequence[Row]) -> tuple[float, float]:
    """From where to where a picture goes: all values, and as much of the bands as does not squeeze them."""
    values = [row["value"] for row in rows]
    least, most = min(values), max(values)
    room = (most - least) or abs(least) or 1.0
    low, high = min(row["low"] for row in rows), max(row["high"] for row in rows)
    return max(min(low, least), least - room), min(max(high, most), most + room)


def _column(value: float, least: float, most: float) -> int:
    return round(min(max((value - least) / ((most - least) or 1.0), 0.0), 1.0) * (WIDE - 1))


def _instance(row: Row) -> tuple[str, str, str]:
    return row["gateway"], row["rule"], row["series"]


def _place(row: Row) -> tuple[str, ...]:
    return (*_instance(row), row["at"])
