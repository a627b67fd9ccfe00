"""A report as CSV (RFC 4180) that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from api.reports.cells import COLUMNS, Cell
from streams.text.spreadsheet import harmless


def head() -> str:
    """The names of the columns."""
    return _lines([COLUMNS])


def body(rows: Iterable[Mapping[str, Cell]]) -> str:
    """One line for each row; numbers stay numbers."""
    return _lines([_written(row[name]) for name in COLUMNS] for row in rows)


def _written(cell: Cell) -> Cell:
    return harmless(cell) if isinstance(cell, str) else cell


def _lines(rows: Iterable[Iterable[Cell]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()
