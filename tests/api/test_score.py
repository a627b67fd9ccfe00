"""`tocsin score`: the command of the anomaly benchmark."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from api.cli.run import run

ROWS = "timestamp,value\n" + "".join(f"2026-01-01 {n // 60:02}:{n % 60:02}:00,{n % 7}\n" for n in range(200))


def invoke(*arguments: str) -> int:
    """The exit code of one run."""
    return run(["score", *arguments], {}, lambda path: Path(path).read_text())


def test_every_row_gets_a_score(tmp_path: Path) -> None:
    """Plain and gzipped series come out under the same names, row for row, with a finite score."""
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "a.csv").write_text(ROWS)
    (tmp_path / "in" / "deep" / "b.csv.gz").write_bytes(gzip.compress(ROWS.encode()))
    assert invoke(str(tmp_path / "in"), str(tmp_path / "out")) == 0
    one, other = ((tmp_path / "out" / name).read_text() for name in ("a.csv", "deep/b.csv"))
    assert one == other
    assert len(one.splitlines()) == 201


def test_no_output_costs_an_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same folder, a link to it, one inside of it, and two inputs of one output are refused; nothing is written."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text(ROWS)
    (tmp_path / "link").symlink_to(tmp_path / "in")
    for out in ("in", "link", "in/out"):
        assert invoke(str(tmp_path / "in"), str(tmp_path / out)) != 0
        assert "outside of" in capsys.readouterr().err
    (tmp_path / "in" / "a.csv.gz").write_bytes(gzip.compress(ROWS.encode()))
    assert invoke(str(tmp_path / "in"), str(tmp_path / "new")) != 0
    assert "would both become" in capsys.readouterr().err
    assert (tmp_path / "in" / "a.csv").read_text() == ROWS
    assert sorted(each.name for each in tmp_path.rglob("*")) == ["a.csv", "a.csv.gz", "in", "link"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv.gz", gzip.compress(ROWS.encode())[:-40], "cut short"),
        ("a.csv", ROWS.encode() + b"2026-01-02 00:00:00\n", "line 202 has 1 cells"),
        ("a.csv", b"when,value\n1,2\n", "a header that says so"),
        ("kinds.json", b"[]", "is no object"),
        ("kinds.json", b'{"a.csv": "speed"}', "'speed' is no kind"),
        ("kinds.json", b'{"a.csv": ', "with a kind out of gauge"),
    ],
)
def test_a_bad_file_is_named_with_its_fix(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, said: str
) -> None:
    """And what was scored before it is left as it was."""
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.csv").write_text("as it was")
    (tmp_path / "in" / name).write_bytes(content)
    assert invoke(str(tmp_path / "in"), str(tmp_path / "out")) != 0
    told = capsys.readouterr().err
    assert name in told
    assert said in told
    assert [(each.name, each.read_text()) for each in (tmp_path / "out").iterdir()] == [
        ("a.csv", "as it was")
    ]


def test_what_windows_writes_is_read(tmp_path: Path) -> None:
    """A mark of byte order before the header, or before the kinds, is no part of them."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text(ROWS, encoding="utf-8-sig")
    (tmp_path / "in" / "kinds.json").write_text('{"a.csv": "rate"}', encoding="utf-8-sig")
    assert invoke(str(tmp_path / "in"), str(tmp_path / "out")) == 0
    assert len((tmp_path / "out" / "a.csv").read_text().splitlines()) == 201


def test_the_threshold_is_one_number(capsys: pytest.CaptureFixture[str]) -> None:
    """`--threshold` prints the one threshold that everything is judged by."""
    assert invoke("--threshold") == 0
    assert 0.0 < float(capsys.readouterr().out) < 1.0
