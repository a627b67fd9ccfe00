"""A report as CSV (RFC 4180) that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from api.reports.cells import COLUMNS, Cell

FORMULA = frozenset("=+-@|%＝＋－＠")  # what a spreadsheet may take for the beginning of one


def head() -> str:
    """The names of the columns."""
    return _lines([COLUMNS])


def body(rows: Iterable[Mapping[str, Cell]]) -> str:
    """One line for each row."""
    return _lines([harmless(row[name]) for name in COLUMNS] for row in rows)


def harmless(cell: Cell) -> Cell:
    """The cell as it can be opened anywhere: a text that could be a formula gets an apostrophe in front.

    Numbers are numbers. Spaces, tabs and line breaks in front of a formula are skipped by some programs.
    """
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\0", "")
    risky = text[:1] in ("\t", "\r", "\n") or text.lstrip(" \t\r\n\ufeff\u00a0")[:1] in FORMULA
    return f"'{text}" if risky and text else text


def _lines(rows: Iterable[Iterable[Cell]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()
