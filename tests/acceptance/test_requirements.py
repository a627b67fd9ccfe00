"""The table of docs/requirements.md holds every row once, and names exactly the acceptance tests that there are."""

from __future__ import annotations

import ast
import re

from tests.layout import ROOT

ROWS = 39


def table() -> dict[int, list[str]]:
    """The cells of each row, by its number."""
    lines = (ROOT / "docs" / "requirements.md").read_text().splitlines()
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if re.match(r"\| \d+ \|", line)
    ]
    assert [int(row[0]) for row in cells] == list(range(1, ROWS + 1))
    return {int(row[0]): row[1:] for row in cells}


def test_every_row_says_where_it_lives() -> None:
    """Each of the thirty-nine has words and a place; what it names exists (tests/test_mentions.py)."""
    assert [row for row, (what, place, *_) in table().items() if not (what and place)] == []


def test_every_acceptance_test_is_named_and_every_named_one_is_there() -> None:
    """A row names the file whose test bears its number; a row without a test has an empty cell."""
    found: dict[int, str] = {}
    for file in sorted((ROOT / "tests" / "acceptance").glob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (
                known := re.match(r"test_row_(\d+)", node.name)
            ):
                found[int(known[1])] = f"`tests/acceptance/{file.name}`"
    assert found == {row: cells[2] for row, cells in table().items() if cells[2]}
