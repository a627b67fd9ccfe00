"""`tocsin score`: the command of the anomaly benchmark."""

from __future__ import annotations

import gzip
import os
import threading
import time
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
        ("a.csv", ROWS.encode() + b"2026-01-02 00:00:00\n", "line 202: it has 1 cells"),
        ("a.csv", b"when,value\n1,2\n", "this header names no `timestamp` or no `value`: 'when,value'"),
        ("a.csv", ROWS.encode() + b"yesterday,1\n", "line 202: not a timestamp: 'yesterday'"),
        ("a.csv", ROWS.encode() + b"2026-01-02 00:00:00,\xff\n", "save it as UTF-8"),
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


def test_what_is_packed_is_seen_from_its_content(tmp_path: Path) -> None:
    """A gzipped file that is called .csv is unpacked, and a plain one that is called .csv.gz is read as it is."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_bytes(gzip.compress(ROWS.encode()))
    (tmp_path / "in" / "b.csv.gz").write_text(ROWS)
    assert invoke(str(tmp_path / "in"), str(tmp_path / "out")) == 0
    one, other = ((tmp_path / "out" / name).read_text() for name in ("a.csv", "b.csv"))
    assert one == other
    assert len(one.splitlines()) == 201


@pytest.mark.parametrize("held", [(), ("kinds.json",), ("deep.csv/",)])
def test_a_folder_without_series_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], held: tuple[str, ...]
) -> None:
    """A folder that is empty, or holds other things only, is no success without a word."""
    (tmp_path / "in").mkdir()
    for name in held:
        (tmp_path / "in" / name).mkdir() if name.endswith("/") else (tmp_path / "in" / name).write_text("{}")
    assert invoke(str(tmp_path / "in"), str(tmp_path / "out")) == 1
    assert "holds no series" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_one_bad_file_costs_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be read is named, also a link to nowhere; the rest is scored, and the exit code says so."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text("nothing of use\n")
    (tmp_path / "in" / "b.csv").symlink_to(tmp_path / "nowhere.csv")
    (tmp_path / "in" / "c.csv").write_text(ROWS)
    assert invoke(str(tmp_path / "in"), str(tmp_path / "out")) == 1
    told = capsys.readouterr().err
    assert "a.csv: line 1:" in told
    assert "b.csv" in told
    assert "2 of 3 series could not be scored" in told
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["c.csv"]


def test_what_cannot_be_written_ends_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An OUT_DIR that is a file is said once, not once a series."""
    (tmp_path / "in").mkdir()
    for name in ("a.csv", "b.csv"):
        (tmp_path / "in" / name).write_text(ROWS)
    (tmp_path / "out").write_text("as it was")
    assert invoke(str(tmp_path / "in"), str(tmp_path / "out")) == 1
    assert capsys.readouterr().err.count("mend that") == 1
    assert (tmp_path / "out").read_text() == "as it was"


def test_a_score_is_written_before_the_next_row_comes(tmp_path: Path) -> None:
    """Of a pipe whose writer waits for each score, every row is answered: nothing is held back in between."""
    (tmp_path / "in").mkdir()
    os.mkfifo(tmp_path / "in" / "a.csv")
    scoring = threading.Thread(target=invoke, args=(str(tmp_path / "in"), str(tmp_path / "out")))
    scoring.start()
    part = tmp_path / "out" / ".a.csv.part"
    pipe_of_both = os.open(tmp_path / "in" / "a.csv", os.O_RDWR)  # so that nobody waits for a reader
    with os.fdopen(pipe_of_both, "w", 1) as pipe:
        for n, line in enumerate(ROWS.splitlines()[:20]):
            pipe.write(f"{line}\n")
            end = time.monotonic() + 10
            while not part.exists() or len(part.read_text().splitlines()) <= n:
                assert time.monotonic() < end, f"row {n} has no score"
                time.sleep(0.001)
    scoring.join()
    assert len((tmp_path / "out" / "a.csv").read_text().splitlines()) == 20


def test_what_happened_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """How much was scored, and which names of `kinds.json` are no series, on standard error."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text(ROWS)
    (tmp_path / "in" / "kinds.json").write_text('{"a.csv": "rate", "b.csv": "queue"}')
    assert invoke(str(tmp_path / "in"), str(tmp_path / "out")) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "names b.csv, which is not there" in said.err
    assert "1 series, 200 rows" in said.err
