"""Whatever is wrong with what a person names: one line with the thing and the fix, and 1."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from api.cli.context import Surroundings
from api.cli.run import run_in

RULE = "rules: [{name: r, last: cpu, above: 1}]\n"
SAMPLE = '{"at": "1s", "series": "cpu", "value": 2}\n'
VERBS = {
    "apply": ("apply", "{}", "--yes"),
    "samples": ("rules", "test", "good.yaml", "--samples", "{}"),
    "rules": ("rules", "test", "{}", "--samples", "good.jsonl"),
    "recorded": ("backtest", "{}", "--rules", "good.yaml"),
    "token": ("--api-token-file", "{}", "alerts", "list"),
}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with files of every wrong kind, and a good one of each kind."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00\x01")
    (tmp_path / "empty").write_text(" \n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "good.yaml").write_text(RULE)
    (tmp_path / "good.jsonl").write_text(SAMPLE)


def one_line(answer: tuple[int, str], thing: str) -> None:
    """The end that a person can use: 1, and a line with what it is about."""
    code, said = answer
    assert (code, said.startswith("tocsin: "), said.count("\n"), thing in said) == (1, True, 1, True), said


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("file", ["binary", "empty", "folder", "missing"])
def test_files(tocsin: Any, files: None, verb: str, file: str) -> None:
    """A file that is not there, is no file, is no text or holds nothing is named."""
    one_line(tocsin(*(word.format(file) for word in VERBS[verb])), file)


@pytest.mark.parametrize(
    "text",
    ["{[a]: b}", "rules: [{[a]: b}]", "rules: [&a {name: r, routing: *a}]", "rules: " + "[" * 3000, "a\0"],
)
def test_outlines(tocsin: Any, tmp_path: Path, text: str) -> None:
    """YAML that can be no list of documents is refused with its place."""
    (tmp_path / "x.yaml").write_text(text)
    code, said = tocsin("apply", str(tmp_path / "x.yaml"))
    assert (code, "x.yaml:1: " in said, said.count("\n")) == (1, True, 2), said


@pytest.mark.parametrize(
    "text", ["5", "- a", "at: [5]", "at: [{t: 0s, samples: 5}]", "expect: 5", "documents: 5", "start: soon"]
)
def test_timetables(tocsin: Any, tmp_path: Path, text: str) -> None:
    """What is no timetable says so."""
    (tmp_path / "t.yaml").write_text(text)
    one_line(tocsin("backtest", str(tmp_path / "t.yaml")), "t.yaml")


@pytest.mark.parametrize("text", ["[]", '{"at": 1, "gateway": "g", "series": 5, "values": 5}', "{"])
def test_batches(tocsin: Any, files: None, text: str) -> None:
    """What is no batch of samples is named with its line."""
    Path("r.jsonl").write_text(text)
    one_line(tocsin("backtest", "r.jsonl", "--rules", "good.yaml"), "r.jsonl:1: ")


@pytest.mark.parametrize("address", ["foo", "http://[::1", "ftp://x"])
def test_addresses(tocsin: Any, address: str) -> None:
    """What is no address is said to be none."""
    one_line(tocsin("--api", address, "alerts", "list"), "is not an address")


@pytest.mark.parametrize(
    ("text", "words"), [("abc", "not one of ours"), ("a b", "one token"), ("ü", "one token")]
)
def test_tokens(tocsin: Any, files: None, text: str, words: str) -> None:
    """A token that is not accepted is said with the file that it comes from, and never shown."""
    Path("t").write_text(text)
    code, said = tocsin("--api-token-file", "t", "alerts", "list")
    one_line((code, said), words)
    assert text not in said


def test_expired(tocsin: Any, dependencies: Any, files: None) -> None:
    """An expired token says how a new one is made."""
    from tests.api.conftest import ADMIN

    Path("t").write_text(dependencies.tokens.issue(ADMIN, 1_000_000_000, 60))
    code, said = tocsin("--api-token-file", "t", "alerts", "list")
    one_line((code, said), "has expired: make a new one with `tocsin token`")
    assert "✘ the API answers at http" in (doctor := tocsin("--api-token-file", "t", "doctor")[1])
    assert "and lets us read nothing\n    the token has expired" in doctor


def test_no_token(tocsin: Any, files: None) -> None:
    """Where only the token's file is missing, that is what the doctor and the list say, and how one is made."""
    for verb, says in (("doctor", "✘ there is no token to ask the API with\n"), ("gateways", "0 watched")):
        said = tocsin("--api-token-file", "none.jwt", verb, *(("list",) if verb == "gateways" else ()))[1]
        assert says in said
        assert "does not answer" not in said
    assert (
        "none.jwt: no such file or directory: name a file with a token"
        in tocsin("--api-token-file", "none.jwt", "alerts", "list")[1]
    )
    assert (
        "✘ the API does not answer at http://127.0.0.1:9\n"
        in tocsin("--api", "http://127.0.0.1:9", "doctor")[1]
    )


def test_another_service(tocsin: Any, served: str) -> None:
    """Where something else answers, it says that this is not Tocsin."""
    one_line(tocsin("--api", f"{served}/static/index.html?", "alerts", "list"), "not Tocsin")


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        ("token mo@example.com", "say --team at least once, or --admin", 2),
        ("token mo@example.com --team Bad_Team", "--team 'Bad_Team' is no team", 1),
        ("token mo@example.com --admin --lasts 99999d", "--lasts 99999d must lie between 1m and 3650d", 1),
        ("alerts list --limit 0", "`limit` must be at least 1", 1),
        ("alerts list --limit many", "'--limit': write a whole number: see `tocsin alerts list --help`", 2),
        ("alerts list --nosuch", "No such option: --nosuch", 2),
        ("partitions notify 8", "there is no stage 'notify': it is one of detect, respond, deliver", 1),
        ("nosuch", "No such command 'nosuch': see `tocsin --help`", 2),
    ],
)
def test_usage(tocsin: Any, arguments: str, words: str, code: int) -> None:
    """Wrong usage is one line without a frame, too."""
    ended, said = tocsin(*arguments.split())
    assert (ended, said.startswith("tocsin: "), said.count("\n"), words in said) == (code, True, 1, True), (
        said
    )


def test_data_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A data folder that cannot be made is named with the setting that names it."""
    (tmp_path / "file").write_text("")
    around = Surroundings({"TOCSIN_DATA": str(tmp_path / "file")}, lambda path: Path(path).read_text())
    assert run_in(["sign-in"], around) == 1
    said = capsys.readouterr().err
    assert (said.count("\n"), "must name a folder that this user may make and write" in said) == (1, True), (
        said
    )
