"""Files of samples: what is right is read, what is wrong is named with its place and as it should read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from api.cli.samples import read
from api.trials.sample import BEGIN

TABLE = "series,value,at\n"
FIRST = 1_764_000_000_000


def troubles(tmp_path: Path, name: str, text: str) -> list[str]:
    """Each trouble as it is printed, without the folder."""
    (tmp_path / name).write_text(text)
    return [str(one).removeprefix(f"{tmp_path}/") for one in read(tmp_path / name).troubles]


def test_lines(tmp_path: Path) -> None:
    """Each line is a sample; a time may be a length, milliseconds or RFC 3339, a value null."""
    rows = [("30s", 1), (FIRST, "2"), ("2025-11-24T16:00:01Z", "null")]
    lines = [f'{{"at": {at!r}, "series": "up", "value": {value}}}'.replace("'", '"') for at, value in rows]
    (tmp_path / "s.jsonl").write_text("\n\n".join(lines))
    found, _, wrong = read(tmp_path / "s.jsonl")
    assert wrong == []
    assert [(one.at, one.value) for one in found] == [(BEGIN + 30_000, 1), (FIRST, 2), (FIRST + 1_000, None)]


def test_table(tmp_path: Path) -> None:
    """Columns may stand in any order, series in quotes; an empty value or NaN is a gap."""
    text = f'{TABLE}"up{{a=""1"",b=""2""}}",1,30s\nup,,31s\nup,NaN,{FIRST}\n'
    (tmp_path / "s.csv").write_text(text)
    found, _, wrong = read(tmp_path / "s.csv")
    assert (wrong, [one.value for one in found]) == ([], [1, None, None])
    assert (found[0].series, found[2].at) == ('up{a="1",b="2"}', FIRST)


@pytest.mark.parametrize(
    ("line", "words", "instead"),
    [
        ('{"at": "soon", "series": "up", "value": 1}', "`at`: 'soon' is not a time", '"at":"30s","series":"up"'),
        ('{"at": "1s", "series": "up", "value": true}', "`value`: True is not", '"value":1.5}'),
        ('{"at": "1s", "series": "up{", "value": 1}', "`series`: 'up{'", '"at":"1s"'),
        ('{"at": "1s", "series": "up", "value": 1, "unit": "s"}', "no field `unit`", '"value":1}'),
        ('{"at": "1s" "series": "up"}', "column 13: this is not JSON", '"at":"30s"'),
        ("[1]", "one object", '"at":"30s"'),
    ],
)  # fmt: skip
def test_wrong_line(tmp_path: Path, line: str, words: str, instead: str) -> None:
    """A wrong line is named with its column or field, and stands corrected below."""
    good = '{"at": "1s", "series": "up", "value": 1}'
    (said,) = troubles(tmp_path, "s.jsonl", f"{good}\n{line}\n{good}")
    assert said.startswith("s.jsonl:2: ")
    assert (words in said, instead in said.partition("instead: ")[2]) == (True, True), said


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (TABLE + "up,1,1s\nup,x,2s\n", 3, "`value`: x is not a number"),
        (TABLE + 'up{a="1",b="2"},1,1s\n', 2, "4 columns instead of 3"),
        (TABLE + "up,1\n", 2, "2 columns"),
        ("at;series;value\n", 1, "the first line names the columns"),
        (TABLE, 1, "no sample"),
        (TABLE + f"up,{'x' * 2_000_000},1s\n", 2, "not CSV"),
    ],
)
def test_wrong_table(tmp_path: Path, text: str, line: int, words: str) -> None:
    """So is a wrong row, even behind a cell of several lines."""
    (said,) = troubles(tmp_path, "s.csv", text)
    assert (said.startswith(f"s.csv:{line}: "), words in said) == (True, True), said


def test_command(tocsin: Any, tmp_path: Path) -> None:
    """The command line says at most ten wrong lines, and notes what is only odd."""
    (tmp_path / "r.yaml").write_text("rules: [{name: r, last: cpu, above: 1}]")
    (tmp_path / "s.jsonl").write_text("{\n" * 30)
    code, said = tocsin("rules", "test", str(tmp_path / "r.yaml"), "--samples", str(tmp_path / "s.jsonl"))
    assert (code, said.count("instead: "), "30 lines to mend" in said) == (1, 10, True)
    (tmp_path / "s.jsonl").write_text('{"at": "1s", "series": "cpus", "value": 1}')
    said = tocsin("rules", "test", str(tmp_path / "r.yaml"), "--samples", str(tmp_path / "s.jsonl"))[1]
    assert said.startswith(
        "note: rule r sees nothing of these samples: cpu was not among them; nearest names"
    )
