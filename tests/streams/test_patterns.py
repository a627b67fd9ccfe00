"""Every regular expression of what outsiders may reach is linear in the text that it is given."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("streams", "api")
SIZE = 200_000  # characters; what takes their square does not end within a test
UNITS: tuple[str, ...] = (
    " ",
    "\t",
    "a",
    "0",
    "_",
    ":",
    "-",
    ".",
    "'",
    '"',
    "\\",
    "{",
    "}",
    ",",
    "=",
    '="',
    'a="",',
    "a=b,",
)
UNITS += ('\\"', "1s", "1.1", "a:1")
ENDS = ("", "!", "\n", '"')
METHODS = frozenset({"match", "fullmatch", "search", "findall", "sub"})


class Use(NamedTuple):
    """One expression with the method that the code calls it by."""

    file: str
    pattern: Any
    flags: int
    method: str


def text(node: ast.expr) -> Any:
    """The literal of a pattern; of one that is put together, its pieces in a row."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.BinOp):  # `b"…%b…" % (…)`: the pieces are quoted texts
        return text(node.left).replace(b"%b", rb'"[^"\\]*"')
    return None


def uses(file: Path) -> Iterator[Use]:
    """Every call of an expression in a file."""
    tree, where = ast.parse(file.read_text()), str(file.relative_to(ROOT))
    compiled: dict[str, tuple[Any, int]] = {}
    for node in ast.walk(tree):
        call = node.value if isinstance(node, ast.Assign) else None
        if (
            isinstance(node, ast.Assign)
            and isinstance(call, ast.Call)
            and ast.unparse(call.func) == "re.compile"
        ):
            flags = re.S if "re.S" in map(ast.unparse, call.args[1:]) else 0
            compiled[ast.unparse(node.targets[0])] = (text(call.args[0]), int(flags))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
            holder = ast.unparse(node.func.value)
            if holder in compiled and compiled[holder][0] is not None:
                yield Use(where, *compiled[holder], node.func.attr)
            elif holder == "re" and (pattern := text(node.args[0])) is not None:
                yield Use(where, pattern, 0, node.func.attr)


ALL = [use for room in ROOMS for file in sorted((ROOT / room).rglob("*.py")) for use in uses(file)]


def test_all_are_found() -> None:
    """The expressions of selectors, series, lengths and names are among them: the search for them works."""
    files = {Path(use.file).stem for use in ALL}
    assert {"matcher", "series", "duration", "recall", "fault", "connection"} <= files
    assert len(ALL) >= 12


@pytest.mark.parametrize("use", ALL, ids=[f"{use.file}:{use.method}:{use.pattern!r:.30}" for use in ALL])
def test_linear(use: Use) -> None:
    """A text of two hundred thousand characters, whatever it repeats and ends with, is done with."""
    pattern = re.compile(use.pattern, use.flags)
    for unit in UNITS:
        for end in ENDS:
            whole = unit * (SIZE // len(unit)) + end
            for given in (whole, f"a{whole}", f'a="{whole}'):
                taken: Any = given.encode() if isinstance(use.pattern, bytes) else given
                arguments = ("", taken) if use.method == "sub" else (taken,)
                getattr(pattern, use.method)(*arguments)
