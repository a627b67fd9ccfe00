"""A report as PDF: what was asked, the figures of all alerts, and a table of the newest ones."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from api.reports.cells import Cell

if TYPE_CHECKING:
    from api.reports.page import ReportPage

MOST = 500  # alerts in one document, which is what somebody reads
TABLE = {  # column of the report → its heading and width in mm
    "triggered_at": ("fired", 33),
    "severity": ("severity", 17),
    "team": ("team", 26),
    "rule": ("rule", 38),
    "gateway": ("gateway", 28),
    "message": ("message", 68),
    "seconds_to_acknowledge": ("s to ack.", 21),
    "seconds_to_resolve": ("s to resolve", 24),
    "suppressed_seconds": ("s suppressed", 22),
}
FIGURES = {"team": 60, "alerts": 25, "acknowledged": 30, "never acknowledged": 38, "time to acknowledge": 60,
           "time to resolve": 60}  # fmt: skip
LONGEST = 300  # characters of one cell


class ReportContent(NamedTuple):
    """What a report shows. `figures`: of each team; `rows`: the newest alerts, of `total`."""

    title: str
    asked: str
    figures: Sequence[Mapping[str, Any]]
    rows: Sequence[Mapping[str, Cell]]
    total: int


def pdf(content: ReportContent) -> bytes:
    """The document, A4 across."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)  # which tells how it makes a font smaller
    logging.getLogger("fpdf").setLevel(logging.ERROR)  # a sign that the font lacks is drawn as a box
    from api.reports.page import ReportPage  # late: the API starts a fifth sooner without what draws pages

    page = ReportPage()
    page.set_title(content.title)
    page.set_creator("Tocsin")
    page.add_page()
    _line(page, content.title, 16, "B")
    _line(page, content.asked, 9)
    _line(page, "Time to acknowledge and to resolve: mean / median / nine tenths", 11, "B")
    _table(
        page,
        {name: (name, width) for name, width in FIGURES.items()},
        [_of_team(figure) for figure in content.figures],
    )
    shown = len(content.rows)
    of = "" if shown == content.total else f", the newest {shown} of {content.total}; CSV and JSON hold all"
    _line(page, f"Alerts{of}", 11, "B")
    _table(page, TABLE, content.rows)
    return bytes(page.output())


def _line(page: ReportPage, text: str, size: float, style: Any = "") -> None:
    page.write_in(size, style)
    page.multi_cell(0, size * 0.55, _plain(text), new_x="LMARGIN", new_y="NEXT")
    page.ln(2)


def _table(
    page: ReportPage, columns: Mapping[str, tuple[str, int]], rows: Sequence[Mapping[str, Cell]]
) -> None:
    page.write_in(7.5)
    widths = [width for _, width in columns.values()]
    with page.table(
        width=sum(widths), col_widths=widths, line_height=4, align="LEFT", text_align="LEFT"
    ) as table:
        table.row([heading for heading, _ in columns.values()])
        for row in rows:
            table.row([_plain(str(row[name])) for name in columns])
    page.ln(4)


def _of_team(figures: Mapping[str, Any]) -> dict[str, Cell]:
    return {
        "team": figures["team"],
        "alerts": figures["alerts"],
        "acknowledged": figures["acknowledged"],
        "never acknowledged": figures["never_acknowledged"],
        "time to acknowledge": _spread(figures["time_to_acknowledge"]),
        "time to resolve": _spread(figures["time_to_resolve"]),
    }


def _spread(times: Mapping[str, float | None]) -> str:
    return " / ".join(length(times[name]) for name in ("mean", "median", "p90"))


def length(seconds: float | None) -> str:
    """A length of time as people write it: 42 s, 12 min, 3.5 h; a dash for none."""
    if seconds is None:
        return "–"
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"


def _plain(text: str) -> str:
    """The text on one line without what steers a printer, and no longer than anybody reads."""
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
