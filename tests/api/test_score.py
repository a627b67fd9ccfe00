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


def test_the_threshold_is_one_number(capsys: pytest.CaptureFixture[str]) -> None:
    """`--threshold` prints the one threshold that everything is judged by."""
    assert invoke("--threshold") == 0
    assert 0.0 < float(capsys.readouterr().out) < 1.0
