"""The picture of an anomaly rule's rows in text."""

from __future__ import annotations

from typing import Any

from api.cli.strip import WIDE, picture


def row(at: int, value: float, **fields: Any) -> dict[str, Any]:
    """One row of a trial, in a band of 40 to 60."""
    known = {"gateway": "gw", "rule": "odd", "series": "load", "low": 40.0, "high": 60.0, "score": 0.1}
    return known | {"at": f"{at:02}", "value": value} | fields


def test_a_row_lies_where_its_value_does() -> None:
    """The band is drawn, a usual row is a dot in it, an unusual one stands out; each instance has its own scale."""
    rows = [row(0, 7, series="b", low=6, high=8), row(0, 50), row(1, 0, score=0.95)]
    other, alone, heading, usual, odd = picture(reversed(rows), {"odd": 0.9})
    assert other.startswith("odd of b: 6 (left) to 8 (right)")
    assert heading.startswith("odd of load: 0 (left) to 60 (right)")
    assert alone.split("│")[1] == "░" * (WIDE // 2) + "●" + "░" * (WIDE // 2)
    assert usual.split("│")[1].rstrip("░").lstrip(" ").strip("░") == "●"
    assert odd.split("│")[1][:2] == "◆ "


def test_a_wide_band_squeezes_nothing() -> None:
    """A band that nobody knows yet is cut; values are told apart all the same, and one value alone has a place too."""
    wild = [row(n, 50 + n, low=-1e30, high=1e30) for n in range(3)]
    lines = list(picture(wild, {}))[1:]
    assert len({line.index("●") for line in lines}) == 3
    assert "●" in list(picture([row(0, 0, low=0, high=0)], {}))[1]
